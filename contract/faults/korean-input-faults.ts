import type { FaultWords } from './fault-words.ts'
import type { inputFaults } from './input-faults.ts'

const whereToFind = 'Azure Portal에서 허브, “공유 액세스 정책”, 정책을 차례로 열고 연결 문자열을 복사하세요.'
const pasteRelease = '이 패키지에 대해 “drover-agent sign”이 출력한 JSON을 그대로 붙여 넣으세요.'
const correctPatch = '패치를 고친 뒤 다시 시도하세요.'
const correct = '고친 뒤 다시 시도하세요.'
const correctFile = '파일을 고친 뒤 다시 여세요. 파일의 내용은 사용되지 않았습니다.'

/** What a person typed, pasted, chose or opened. */
export const koreanInputFaults: Readonly<Record<keyof typeof inputFaults, FaultWords>> = {
  'connection-empty': { meaning: '연결 문자열이 비어 있습니다.', step: whereToFind },
  'connection-unnamed-part': {
    meaning: '연결 문자열에 이름이 없는 부분이 있습니다. 각 부분은 “이름=값” 형식입니다.',
    step: whereToFind,
  },
  'connection-twice': { meaning: '{part} 부분이 두 번 있습니다.', step: whereToFind },
  'connection-unknown-part': {
    meaning: '{part} 부분은 허브의 연결 문자열에 속하지 않습니다.',
    step: whereToFind,
  },
  'connection-of-device': {
    meaning: '허브가 아니라 한 장치의 연결 문자열입니다.',
    step: whereToFind,
  },
  'connection-of-events': {
    meaning: 'IoT 허브가 아니라 Event Hubs 또는 Service Bus의 연결 문자열입니다.',
    step: whereToFind,
  },
  'connection-of-storage': {
    meaning: 'IoT 허브가 아니라 스토리지 계정의 연결 문자열입니다.',
    step: whereToFind,
  },
  'connection-signature': {
    meaning: '공유 액세스 서명은 만료됩니다. Drover에는 정책 이름과 키가 필요합니다.',
    step: whereToFind,
  },
  'connection-missing': { meaning: '{part} 부분이 없습니다.', step: whereToFind },
  'connection-part-empty': { meaning: '{part} 부분이 비어 있습니다.', step: whereToFind },
  'connection-host': {
    meaning: '"HostName" 값이 contoso.azure-devices.net 같은 호스트 이름이 아닙니다.',
    step: whereToFind,
  },
  'connection-key': {
    meaning: '"SharedAccessKey" 값이 온전한 키가 아닙니다. 키는 Base64이며 보통 "="로 끝납니다.',
    step: whereToFind,
  },
  'connection-gateway': {
    meaning: '"GatewayHostName" 값이 호스트 이름이 아닙니다. 뒤에 ":포트"를 붙일 수 있습니다.',
    step: whereToFind,
  },
  'ca-certificate': {
    meaning: 'CA 인증서를 읽을 수 없습니다.',
    step: 'BEGIN 줄과 END 줄을 포함한 PEM 전체를 붙여 넣으세요.',
  },
  'not-json': {
    meaning: 'JSON이 아닙니다: {line}번째 줄 {column}번째 열.',
    step: '내용을 고친 뒤 다시 시도하세요.',
  },
  'release-address': {
    meaning: '패키지 주소는 https로 시작해야 하며 사용자 이름이나 암호를 포함할 수 없습니다.',
    step: pasteRelease,
  },
  'release-odd': { meaning: '“drover-agent sign”의 출력이 아닙니다.', step: pasteRelease },
  'release-version': {
    meaning: '릴리스의 버전이 {wanted}이(가) 아니라 {found}입니다.',
    step: pasteRelease,
  },
  'patch-empty': { meaning: '패치는 키가 하나 이상 있는 JSON 개체입니다.', step: correctPatch },
  'patch-bytes': {
    meaning: '패치가 {bytes}바이트입니다. 허브는 {most}바이트까지 받습니다.',
    step: correctPatch,
  },
  'patch-text-bytes': {
    meaning: '허브가 받는 {most}바이트보다 긴 텍스트가 있습니다.',
    step: correctPatch,
  },
  'patch-depth': { meaning: '패치가 허브가 받는 {most}단계보다 깊습니다.', step: correctPatch },
  'patch-key': {
    meaning: '{name} 키는 사용할 수 없습니다. 점, 달러 기호, 공백, 제어 문자는 허용되지 않습니다.',
    step: correctPatch,
  },
  'too-many-devices': {
    meaning: '장치 {devices}개는 한 번에 허용되는 {most}개보다 많습니다.',
    step: '장치를 줄이거나 정책의 한도를 높이세요.',
  },
  'not-confirmed': {
    meaning: '장치 수와 허브 이름이 일치하지 않습니다.',
    step: '표시된 대로 {devices}(와)과 허브 이름을 입력하세요.',
  },
  'start-without-job': { meaning: '나중에 시작할 수 있는 것은 허브의 작업뿐입니다.', step: correct },
  'no-such-reset': {
    meaning: '이 허브에 그런 초기화 작업이 없습니다.',
    step: '활동의 초기화 작업에서 복원하세요.',
  },
  'restore-by-job': {
    meaning: '허브의 작업은 모든 장치에 같은 내용을 쓰므로 복원에 쓸 수 없습니다.',
    step: '허브의 작업 없이 복원하세요.',
  },
  'restore-unseen': {
    meaning: '확인하지 않은 장치 쌍을 변경하려고 했습니다. 아무것도 보내지 않았습니다.',
    step: '무엇이 바뀌는지 먼저 확인하세요.',
  },
  'restore-needs-look': {
    meaning: '되돌릴 내용을 먼저 다시 확인해야 합니다.',
    step: '초기화 작업에서 다시 복원하세요. 이미 되돌린 내용은 제외됩니다.',
  },
  'restore-is-no-campaign': {
    meaning: '보관된 내용은 해당 장치의 것이므로 복원은 캠페인이 될 수 없습니다.',
    step: '활동의 초기화 작업에서 복원하세요.',
  },
  'patience-over': { meaning: '오프라인 장치를 기다리는 기한이 지났습니다.', step: correct },
  'time-zone-unknown': { meaning: '{name} 표준 시간대가 없습니다.', step: correct },
  'device-busy': {
    meaning: '장치 하나가 다른 작업을 하고 있습니다. 아무것도 보내지 않았습니다.',
    step: '그 작업을 기다리거나 그 장치를 제외하세요.',
  },
  'devices-busy': {
    meaning: '장치 {devices}개가 다른 작업을 하고 있습니다. 아무것도 보내지 않았습니다.',
    step: '그 작업을 기다리거나 그 장치들을 제외하세요.',
  },
  'rehearsal-too-large': {
    meaning: '예행연습은 장치 {most}개까지 할 수 있습니다.',
    step: '장치를 더 적게 선택하세요.',
  },
  'file-empty': { meaning: '{file}의 {line}번째 줄: 내용이 없습니다.', step: correctFile },
  'file-not-json': {
    meaning: '{file}의 {line}번째 줄 {column}번째 열: JSON이 아닙니다.',
    step: correctFile,
  },
  'file-value-missing': { meaning: '{file}의 {line}번째 줄: {place} 값이 없습니다.', step: correctFile },
  'file-value-type': {
    meaning: '{file}의 {line}번째 줄: {place} 값의 형식은 {expected}이어야 합니다.',
    step: correctFile,
  },
  'file-value-choice': {
    meaning: '{file}의 {line}번째 줄: {place} 값은 {expected} 중 하나여야 합니다.',
    step: correctFile,
  },
  'file-value-large': {
    meaning: '{file}의 {line}번째 줄: {place} 값이 {most}보다 큽니다.',
    step: correctFile,
  },
  'file-value-small': {
    meaning: '{file}의 {line}번째 줄: {place} 값이 {least}보다 작습니다.',
    step: correctFile,
  },
  'file-value-long': {
    meaning: '{file}의 {line}번째 줄: {place} 값의 길이가 {most}보다 깁니다.',
    step: correctFile,
  },
  'file-value-short': {
    meaning: '{file}의 {line}번째 줄: {place} 값의 길이가 {least}보다 짧습니다.',
    step: correctFile,
  },
  'file-value-form': {
    meaning: '{file}의 {line}번째 줄: {place} 값의 형태가 올바르지 않습니다.',
    step: correctFile,
  },
  'file-key-unknown': {
    meaning: '{file}의 {line}번째 줄: {place} 키를 알 수 없습니다.',
    step: correctFile,
  },
}
