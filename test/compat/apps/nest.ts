import 'reflect-metadata'
import {
  Controller,
  Get,
  HttpCode,
  type INestApplication,
  Module,
  Param,
  Post,
  Put,
  Query,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'
import { ExpressCacheableModule } from 'express-cacheable/nest'

@Controller()
class NameController {
  name = 'Ada'

  @Get('names/:id')
  @Cacheable('name:{id}', '10m')
  get(@Param('id') id: string) {
    return { id, name: this.name }
  }

  @Put('names/:id')
  @CacheEvict('name:{id}')
  put(@Param('id') id: string, @Query('name') name: string) {
    this.name = name
    return { id, name }
  }

  /** The process has to end by itself then. */
  @Post('stop')
  @HttpCode(200)
  stop() {
    setImmediate(() => app.close())
    return {}
  }
}

@Module({
  imports: [ExpressCacheableModule.forRoot(createCache({ redis: process.env.REDIS_URL, deadlineMs: 5_000 }))],
  controllers: [NameController],
})
class AppModule {}

let app: INestApplication

async function start() {
  app = await NestFactory.create(AppModule, { logger: false })
  await app.listen(0, '127.0.0.1')
  console.log(await app.getUrl())
}

start()
