"""Verdicts and real searches -> conversations, made by the loop that serves.

records         training.records: Verdict in, Conversation out
exchanges       what is said and searched in one answer, before anything is tokens
searching       real searches through a search adapter, each made once
shaping         their results as they are, or with a near miss, a conflict, a distractor
composer, turns, talk
                the kinds of exchanges
reader          a tokenizer: a Hugging Face folder, a served engine, or plain characters
teacher         an engine that says what an exchange tells it
playing         an exchange through `app.chat.answer`: ids, origins, mask
"""
