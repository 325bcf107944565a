"""The states of items and runs as people read them."""

STATES = {
    "new": "新規",
    "waiting": "確認待ち",
    "ready": "実行待ち",
    "working": "作業中",
    "committing": "確定中",
    "done": "完了",
    "rejected": "業務エラー",
    "failed": "システムエラー",
    "skipped": "除外・登録済み",
    "in_doubt": "不明",
}

REHEARSED = {**STATES, "done": "登録予定", "skipped": "除外", "ready": "ここで終える"}
"""The same in a rehearsal, which enters nothing."""

RUN_STATES = {
    "running": "実行中",
    "ended": "終了",
    "stopped": "停止",
    "failed": "失敗",
    "interrupted": "中断",
}
