"""The durable batch: takes queued recordings through decode, transcribe, inspect and store."""
