"""The customers' voice: digest, channels, cases, causes, reports."""
