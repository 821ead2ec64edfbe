"""Pages written by hand, with questions about each: prose, lists, minutes, letters, adverts.

pages       slots filled, a question drawn, the passages around it
reading     the format of the files, and what is wrong with one
values      what a slot may hold
*.txt       the pages

A page keeps its words and changes its names, places, numbers and things each time it is drawn, so
that only reading finds the answer.
"""
