"""Who may read what about whom, for what purpose and until when: consents, receipts of each use, signatures."""
