"""What was said, and the map: dates, documents, the theatre, the ledger, their files and checks."""
