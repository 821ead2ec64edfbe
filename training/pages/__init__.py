"""Pages written by hand, with questions about each: prose, lists, minutes, letters, adverts.

parsing     the format of the files
check       what is wrong with one
values      what a slot may hold
drawing     slots filled, a question drawn, the passages around it
handout     pages as files, to be searched and asked about
*.txt       the pages

A page keeps its words and changes its names, places, numbers and things each time it is drawn, so
that only reading finds the answer.
"""
