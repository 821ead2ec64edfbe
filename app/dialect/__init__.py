"""What a model and the gateway have agreed on: markers, results, instructions. Pure.

Training imports this package too, so the text a model is trained on and the text it is served
are made by the same code.
"""
