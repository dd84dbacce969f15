import 'reflect-metadata'
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Module,
  Param,
  ParseIntPipe,
  Put,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'
import { ExpressCacheableModule } from 'express-cacheable/nest'

class MemberGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return context.switchToHttp().getRequest().headers.authorization === 'Bearer let-me-in'
  }
}

@Controller('customers')
@UseGuards(MemberGuard)
class CustomerController {
  readonly #names = new Map([[42, 'Ada']])
  #loads = 0

  @Get(':id')
  @Cacheable('customer:{id}', 600)
  getCustomer(@Param('id', ParseIntPipe) id: number) {
    this.#loads++
    return { id: String(id), name: this.#names.get(id), loads: this.#loads }
  }

  @Put(':id')
  @CacheEvict(['customer:{id}'])
  updateCustomer(@Param('id', ParseIntPipe) id: number, @Body() { name }: { name: string }) {
    this.#names.set(id, name)
    return { id, name }
  }
}

@Module({ imports: [ExpressCacheableModule.forRoot(createCache())], controllers: [CustomerController] })
class AppModule {}

// As Nest's own template, a CommonJS program.
async function start() {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false })
  await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
  console.log(`listening on ${await app.getUrl()}`)
}

void start()
