import type { FaultId } from '../faults.ts'
import type { FaultWords } from './fault-words.ts'
import { koreanInputFaults } from './korean-input-faults.ts'

const again = '잠시 후 다시 시도하세요.'
const reload = '창을 다시 로드하세요.'
const goesOn = '저절로 계속됩니다.'
const checkNetwork = '이 네트워크에 로그인 페이지나 프록시가 있는지 확인한 뒤 다시 시도하세요.'
const mayHaveRun = '실행되었을 수 있습니다. 나중에 다시 확인하세요.'
const readsTwins =
  'Drover가 대신 장치 쌍을 읽습니다. 정책에 “서비스 연결” 권한이, 네트워크에 443 포트 WebSocket이 필요합니다.'
const checkFirewall = '이 컴퓨터가 온라인인지, 방화벽이 허브의 443 포트 연결을 허용하는지 확인하세요.'

/** Terms follow Microsoft's Korean documentation of Azure IoT Hub. */
export const koreanFaults: Readonly<Record<FaultId, FaultWords>> = {
  ...koreanInputFaults,
  bug: { meaning: 'Drover 내부에서 문제가 발생했습니다.', step: '로그에 세부 정보가 있습니다.' },
  'window-bug': { meaning: '창 내부에서 문제가 발생했습니다.', step: reload },
  'window-lost': { meaning: '창과 애플리케이션의 연결이 끊어졌습니다.', step: reload },
  cancelled: { meaning: '취소했습니다.', step: '필요하면 다시 시도하세요.' },
  'no-endpoint': { meaning: '“{name}” 항목이 없습니다.', step: reload },
  'bad-request': { meaning: '“{name}”의 입력이 잘못되었습니다.', step: '고친 뒤 다시 시도하세요.' },
  'action-unknown': { meaning: '그런 작업이 없습니다.', step: '활동에서 찾아보세요.' },
  'nothing-to-pause': {
    meaning: '모든 장치에 이미 요청했으므로 일시 중지할 것이 없습니다.',
    step: '결과를 기다리세요.',
  },
  'on-hold-already': { meaning: '이미 멈춰 있습니다.', step: '계속하려면 다시 시작하세요.' },
  'not-on-hold': { meaning: '멈춰 있지 않습니다.', step: goesOn },
  'no-gate': { meaning: '승인을 기다리는 단계가 없습니다.', step: goesOn },
  'none-failed': { meaning: '실패한 장치가 없습니다.', step: '다시 시도할 것이 없습니다.' },
  'journal-unwritable': {
    meaning: '저널에 쓸 수 없으므로 더 보내지 않습니다.',
    step: '디스크가 가득 차지 않았는지 확인한 뒤 Drover를 다시 시작하세요.',
  },
  'journal-newer': {
    meaning: '저널의 {number}번 기록은 이 버전이 모르는 형식입니다.',
    step: '기록을 쓴 버전의 Drover를 시작하거나, 저널 파일을 옮겨 새로 시작하세요.',
  },
  'journal-in-use': {
    meaning: '다른 Drover가 이 저널을 열고 있습니다.',
    step: '그 창을 사용하거나 먼저 닫으세요.',
  },
  'journal-changed': {
    meaning: '저널의 {number}번 기록이 외부에서 변경되었습니다.',
    step: '저널 파일을 옮겨 새로 시작하세요. 증거라면 보관하세요.',
  },
  'journal-broken': {
    meaning: '저널의 {number}번 기록이 외부에서 변경되었습니다.',
    step: '파일의 사본을 증거로 보관하세요. 그 뒤의 기록은 믿을 수 없습니다.',
  },
  'file-unwritable': {
    meaning: '{file}에 쓸 수 없습니다.',
    step: '폴더에 쓸 수 있는지, 디스크가 가득 차지 않았는지 확인하세요.',
  },
  'file-too-long': { meaning: '{file}: 너무 커서 열 수 없습니다.', step: '다른 파일을 선택하세요.' },
  'file-unreadable': {
    meaning: '{file}: 읽을 수 없습니다.',
    step: '파일이 아직 있는지, 읽을 수 있는지 확인하세요.',
  },
  'hub-client': {
    meaning: '허브 클라이언트가 Drover가 모르는 방식으로 실패했습니다.',
    step: '다시 시도하세요. 로그에 세부 정보가 있습니다.',
  },
  'hub-impostor': {
    meaning: '허브 대신 다른 것이 응답했으며, IoT 허브의 응답이 아닙니다.',
    step: checkNetwork,
  },
  'hub-impostor-status': {
    meaning: '허브 대신 다른 것이 응답했으며(HTTP {status}), IoT 허브의 응답이 아닙니다.',
    step: checkNetwork,
  },
  'hub-answer-lost': {
    meaning: '요청을 보냈지만 응답이 오지 않았습니다.',
    step: '네트워크를 확인한 뒤 새로 고치세요.',
  },
  'hub-certificate': {
    meaning: '허브의 인증서를 신뢰할 수 없습니다({detail}). 아무것도 보내지 않았습니다.',
    step: '프록시가 이 네트워크를 검사하거나 허브가 이 컴퓨터에 있으면 고급에서 CA 인증서를 추가하세요.',
  },
  'hub-name-unknown': {
    meaning: '그 이름의 허브를 찾을 수 없습니다. 아무것도 보내지 않았습니다.',
    step: '연결 문자열의 호스트 이름과 이 컴퓨터의 온라인 상태를 확인하세요.',
  },
  'hub-silent': { meaning: '허브가 응답하지 않았습니다. 아무것도 보내지 않았습니다.', step: checkFirewall },
  'hub-unreachable': {
    meaning: '허브가 응답하지 않았습니다({detail}). 아무것도 보내지 않았습니다.',
    step: checkFirewall,
  },
  'hub-closed': {
    meaning: '이 허브와의 연결이 닫혔습니다. 아무것도 보내지 않았습니다.',
    step: '허브를 다시 선택하세요.',
  },
  'hub-not-understood': {
    meaning: '허브가 요청을 이해하지 못했습니다: {detail}',
    step: '허브가 알려 준 부분을 고친 뒤 다시 시도하세요.',
  },
  'hub-not-understood-at-all': {
    meaning: '허브가 요청을 이해하지 못했으며 이유를 알려 주지 않았습니다.',
    step: '입력한 내용을 확인한 뒤 다시 시도하세요.',
  },
  'hub-key-refused': {
    meaning: '허브가 이 키를 받아들이지 않습니다.',
    step: '정책의 연결 문자열을 다시 복사하세요. 키가 갱신되었을 수 있습니다. 이 컴퓨터의 시계가 틀려도 같은 결과가 됩니다.',
  },
  'hub-right-missing': {
    meaning: '이 연결 문자열의 정책에 필요한 권한이 없습니다.',
    step: '“서비스 연결”과 “레지스트리 읽기” 권한이 있는 정책을 사용하세요.',
  },
  'hub-has-it': { meaning: '허브에 이미 있습니다.', step: '다른 이름을 사용하세요.' },
  'twin-changed': {
    meaning: '그동안 다른 사람이 이 장치를 변경했습니다.',
    step: '새로 고친 뒤 다시 시도하세요.',
  },
  'hub-error': {
    meaning: '허브가 자체 오류로 응답했습니다(HTTP {status}).',
    step: `대개 곧 해결됩니다. ${again}`,
  },
  'hub-busy': { meaning: '허브가 지금 한도에 도달했습니다.', step: again },
  'hub-day-used-up': {
    meaning: '허브가 하루 메시지 한도를 다 썼습니다. 00:00 UTC에 다시 시작됩니다.',
    step: '그때까지 기다리거나 허브의 단위를 늘리세요.',
  },
  'request-too-large': {
    meaning: '요청이 허브가 받는 크기보다 큽니다. 장치에는 아무것도 전달되지 않았습니다.',
    step: '크기를 줄이세요. 메서드는 128KB, desired 속성은 32KB, 태그는 8KB까지입니다.',
  },
  'hub-answer-odd': {
    meaning: '허브가 Azure 문서와 다른 내용을 보냈습니다.',
    step: '다시 시도하세요. 계속되면 로그에 세부 정보가 있습니다.',
  },
  'hub-page-repeated': { meaning: '허브가 같은 페이지를 반복해서 보냅니다.', step: again },
  'hub-events-late': {
    meaning: '허브의 이벤트를 읽을 수 없습니다. 제때 응답하지 않았습니다.',
    step: readsTwins,
  },
  'hub-events-closed': {
    meaning: '허브의 이벤트를 읽을 수 없습니다. 허브가 연결을 닫았습니다.',
    step: readsTwins,
  },
  'hub-events-refused': {
    meaning: '허브의 이벤트를 읽을 수 없습니다. 허브가 연결을 거부했습니다.',
    step: readsTwins,
  },
  'hub-events-nowhere': {
    meaning: '허브의 이벤트를 읽을 수 없습니다. 허브가 이벤트의 위치를 알려 주지 않았습니다.',
    step: readsTwins,
  },
  'device-away': {
    meaning: '장치가 연결되어 있지 않거나, 장치에서 직접 메서드를 처리하지 않습니다.',
    step: '온라인이 되면 다시 시도하세요.',
  },
  'device-unknown': {
    meaning: '허브가 이 장치를 모르거나, 장치가 사용 안 함 상태입니다.',
    step: '장치 목록을 새로 고쳐 아직 등록되어 있는지 확인하세요.',
  },
  'device-cut-off': {
    meaning: '장치가 응답하기 전에 연결이 끊어졌습니다.',
    step: mayHaveRun,
  },
  'device-late': {
    meaning: '장치가 제때 응답하지 않았습니다.',
    step: mayHaveRun,
  },
  'job-unknown': {
    meaning: '허브에 그런 작업이 더 이상 없습니다. 허브는 작업을 30일 동안 보관합니다.',
    step: '허브의 작업을 다시 조회하세요.',
  },
  'job-followed': { meaning: '이미 추적하고 있는 작업입니다.', step: '활동에서 확인하세요.' },
  'job-unreadable': {
    meaning: '이 작업이 장치에 무엇을 요청하는지 Drover가 읽을 수 없습니다.',
    step: 'Azure Portal이나 Azure CLI에서 확인하세요.',
  },
  'job-not-begun': {
    meaning: '이 작업이 어느 장치를 대상으로 하는지 허브가 아직 알려 주지 않습니다.',
    step: '작업이 시작된 뒤에 가져오세요.',
  },
  'job-cancelled': { meaning: '이 장치에 요청하는 동안 작업이 취소되었습니다.', step: mayHaveRun },
  'job-silent': {
    meaning: '작업이 끝났지만 허브가 이 장치에 대해 알려 주지 않았습니다.',
    step: mayHaveRun,
  },
  'job-name': {
    meaning: 'Drover가 그 이름의 작업을 조회할 수 없습니다.',
    step: 'ID가 문자, 숫자, 대시, 밑줄로 된 작업만 추적할 수 있습니다.',
  },
  'jobs-unused': {
    meaning: '여기서는 허브의 작업을 사용할 수 없습니다.',
    step: '이 앱이 장치에 요청하도록 하세요.',
  },
  'hub-unknown': { meaning: '그런 허브가 없습니다.', step: '다른 허브를 선택하세요.' },
  'hub-here-already': {
    meaning: '{hostName} 허브가 {policyName} 정책으로 이미 있습니다.',
    step: '허브 목록에서 선택하거나 먼저 목록에서 제거하세요.',
  },
  'hub-sealed-elsewhere': {
    meaning: '저장된 이 허브의 키를 이 컴퓨터에서 열 수 없습니다.',
    step: '연결 문자열로 다시 추가하세요. 같은 허브로 유지됩니다.',
  },
  'local-hub-stays': {
    meaning: '이 컴퓨터의 허브는 Drover의 일부이므로 제거할 수 없습니다.',
    step: '대신 다른 허브를 선택하세요.',
  },
  'local-hub-stopped': { meaning: '이 컴퓨터의 허브가 중지되었습니다.', step: '다시 시작하세요.' },
  'local-hub-not-started': {
    meaning: '이 컴퓨터의 허브가 시작되지 않았습니다.',
    step: '다시 시작하세요.',
  },
}
