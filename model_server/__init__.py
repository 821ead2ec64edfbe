"""Model servers of ours: llama.cpp in process, a scripted one, and how to launch vLLM."""
