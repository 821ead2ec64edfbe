"""The browser chat in a real Chromium, against a real gateway: what a person does, and sees."""
