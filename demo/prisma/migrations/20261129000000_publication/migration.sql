-- What FOLLOW=log reads: rows that answers are made from, and none of those that only the services' own events need.
CREATE PUBLICATION "express_cacheable" FOR TABLE
  "User", "Customer", "Task", "Meeting", "Opportunity", "Approval", "ApprovalHistory", "Notification";
