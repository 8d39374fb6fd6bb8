"""Pages for who looks after what comes in and what runs by itself: deliveries, rows that were set aside, jobs.

Who sees what. Deliveries and counts: operator, auditor, administrator (whose clients of the API they are). Rows, masked: operator
and auditor. Real values, mends and dismissals: the operator alone, and the log has a line each time. Jobs: administrator and
auditor. Nobody here sees a case or a score, and nobody of another house sees anything (`suixin.server.intake`).
"""
