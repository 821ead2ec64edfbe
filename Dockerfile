# The gateway with its embedded model; for a GPU, see docker-compose.yml.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/orson
ENV PATH=/opt/orson/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock ./
RUN pip install -r requirements.lock
COPY . .
RUN pip install --no-deps .

FROM python:3.12-slim
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
