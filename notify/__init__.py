"""What leaves the house: signed webhooks and mail."""
