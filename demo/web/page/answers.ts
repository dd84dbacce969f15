// What the public API of the five services answers, as far as the page shows it.

export interface User {
  readonly id: number
  readonly name: string
  readonly role: 'admin' | 'sales'
}

export interface Customer {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly industry: string
}

export interface CustomerPage {
  readonly customers: readonly Customer[]
  readonly pagination: { readonly page: number; readonly total: number; readonly totalPages: number }
}

export interface Task {
  readonly id: number
  readonly title: string
  readonly dueDate: string
  readonly status: 'PENDING' | 'COMPLETED'
  readonly completedAt: string | null
  readonly userId: number
}

export interface Meeting {
  readonly id: number
  readonly title: string
  readonly scheduledAt: string
}

export interface Approval {
  readonly id: number
  readonly opportunityId: number
  readonly requesterId: number
  readonly createdAt: string
}

export interface ApprovalStep {
  readonly id: number
  readonly action: 'REQUESTED' | 'APPROVED' | 'REJECTED'
  readonly userId: number
  readonly createdAt: string
}

export interface Notification {
  readonly id: number
  readonly message: string
  readonly createdAt: string
}

export interface Figures {
  readonly totalCustomers: number
  readonly activeTasks: number
  readonly completedTasks: number
  readonly upcomingMeetings: number
  readonly pendingApprovals: number
  readonly monthlyRevenue: number
  readonly generatedAt: string
}

export type Report =
  | {
      readonly type: 'sales'
      readonly byStage: readonly {
        readonly stage: string
        readonly opportunities: number
        readonly amount: number
      }[]
    }
  | {
      readonly type: 'customers'
      readonly byIndustry: readonly { readonly industry: string; readonly customers: number }[]
    }
  | {
      readonly type: 'activities'
      readonly tasksCreated: number
      readonly tasksCompleted: number
      readonly meetings: number
    }

export interface Statistics {
  readonly hits: number
  readonly misses: number
  readonly bypasses: number
  readonly hitRate: string
}
