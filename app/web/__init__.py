"""The browser chat: a page that is a client of the public API and has no privileges.

Plain ES modules, style sheets and vendored libraries; `app.http.page` serves them. No part of it is
built: what stands here is what the browser reads.
"""
