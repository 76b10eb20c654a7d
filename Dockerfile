# The app in a container: docs/install.md says how to build and run it.

FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN ["python", "-m", "venv", "/opt/headroom"]
COPY requirements.lock ./
RUN ["/opt/headroom/bin/python", "-m", "pip", "install", "--no-deps", "-r", "requirements.lock"]
COPY . .
RUN ["/opt/headroom/bin/python", "-m", "pip", "install", "--no-deps", "."]

# The compiler's cache goes by the times of the sources, and layers keep whole seconds only.
ENV NUMBA_CACHE_DIR=/opt/headroom/kernels
RUN find /opt/headroom -name '*.py' -exec touch --date=@1767225600 '{}' + \
    && /opt/headroom/bin/python -m compileall -q -f /opt/headroom/lib/python3.13/site-packages/headroom \
        /opt/headroom/lib/python3.13/site-packages/simulator /opt/headroom/lib/python3.13/site-packages/pricing \
    && /opt/headroom/bin/python -m simulator.kernels.warm \
    && /opt/headroom/bin/python -m simulator.kernels.warm rest

FROM python:3.13-slim

COPY --from=build /opt/headroom /opt/headroom
COPY --chmod=755 scripts/container /usr/local/bin/headroom-container

# Nothing outside /tmp and /data is written, so the root file system may be read-only.
ENV PATH=/opt/headroom/bin:$PATH \
    HOME=/tmp \
    HEADROOM_STORE=/data/links.sqlite \
    HEADROOM_KERNELS=/opt/headroom/kernels \
    NUMBA_CACHE_DIR=/tmp/headroom-kernels \
    PYTHONDONTWRITEBYTECODE=1
RUN install --directory --owner=10001 --group=10001 /data
USER 10001:10001
WORKDIR /tmp
VOLUME ["/data"]
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

ENTRYPOINT ["headroom-container"]
CMD ["serve", "--address", "0.0.0.0", "--port", "8501"]
