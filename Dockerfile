# Two images from one file:
#   docker build --target gateway -t orson .                the gateway, with its embedded model (default)
#   docker build --target model-server -t orson-vllm .      vLLM with the flags that Orson needs (GPU)

# -- vLLM's official image, and our launcher in it; one small layer over theirs ------------------
FROM vllm/vllm-openai:v0.32.0 AS model-server
RUN useradd --create-home --uid 10001 orson && install -d -o orson /models
COPY model_server/__init__.py model_server/__main__.py model_server/examination.py model_server/flags.py \
     model_server/launch.py model_server/settings.py model_server/stages.py model_server/supported.py \
     model_server/unpack.py /opt/orson/model_server/
ENV PYTHONPATH=/opt/orson HF_HOME=/models MODEL_SERVER_HOST=0.0.0.0 MODEL_SERVER_PORT=8001
USER orson
WORKDIR /home/orson
VOLUME /models
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30m \
  CMD ["python3", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"MODEL_SERVER_PORT\"]}/health', timeout=4)"]
ENTRYPOINT ["python3", "-m", "model_server"]

# -- the gateway: no torch ------------------------------------------------------------------------
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/orson
ENV PATH=/opt/orson/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock ./
RUN pip install -r requirements.lock
COPY . .
RUN pip install --no-deps .

FROM python:3.12-slim AS gateway
# Serving a whole network, it starts with a key only: ORSON_API_KEYS, or one that `orson keys add`
# has made in its Redis or its /data; or with ORSON_OPEN=true where nobody else can reach the port.
# llama.cpp's prebuilt library computes with OpenMP.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 orson && install -d -o orson /data
COPY --from=build /opt/orson /opt/orson
ENV PATH=/opt/orson/bin:$PATH ORSON_HOST=0.0.0.0 ORSON_PORT=8000 ORSON_DATA_DIR=/data
USER orson
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"ORSON_PORT\"]}/healthz', timeout=2)"]
CMD ["orson", "serve"]
