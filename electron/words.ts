import type { Language } from '../contract/app/language.ts'

/** What the system says and asks on the app's behalf. Everything else is in the window, in `renderer/text/`. */
export interface Words {
  readonly start: {
    readonly failed: string
    /** After a failure that is a bug. */
    readonly logged: string
    readonly needsSandbox: string
  }
  readonly close: {
    readonly message: (actions: number) => string
    readonly detail: string
    readonly keep: string
    readonly close: string
  }
  readonly crash: {
    readonly message: string
    readonly detail: string
    readonly reopen: string
    readonly close: string
  }
}

const en: Words = {
  start: {
    failed: 'Drover could not start.',
    logged: 'Its log has the details.',
    needsSandbox: 'Drover does not run without its sandbox.',
  },
  close: {
    message: (actions) =>
      actions === 1 ? 'An action is still going on.' : `${actions} actions are still going on.`,
    detail:
      'Nothing is sent while Drover is closed: what was not sent yet waits until you resume it. What devices have accepted already goes on by itself.',
    keep: 'Keep open',
    close: 'Close Drover',
  },
  crash: {
    message: 'The window has ended unexpectedly again.',
    detail: 'Actions go on without it. What you had typed and not sent is lost.',
    reopen: 'Open it again',
    close: 'Close Drover',
  },
}

const ko: Words = {
  start: {
    failed: 'Drover를 시작하지 못했습니다.',
    logged: '로그에 세부 정보가 있습니다.',
    needsSandbox: 'Drover는 샌드박스 없이 실행되지 않습니다.',
  },
  close: {
    message: (actions) => `작업 ${actions}개가 아직 진행 중입니다.`,
    detail:
      'Drover를 닫으면 아무것도 보내지 않습니다. 아직 보내지 않은 것은 다시 시작할 때까지 기다리고, 장치가 이미 수락한 것은 저절로 계속됩니다.',
    keep: '열어 두기',
    close: 'Drover 닫기',
  },
  crash: {
    message: '창이 다시 예기치 않게 종료되었습니다.',
    detail: '작업은 창 없이 계속됩니다. 입력하고 보내지 않은 내용은 사라졌습니다.',
    reopen: '다시 열기',
    close: 'Drover 닫기',
  },
}

export const words: Readonly<Record<Language, Words>> = { en, ko }
