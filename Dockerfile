FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/quizbot \
 && /opt/quizbot/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bot bot
COPY content content
COPY migrations migrations
RUN /opt/quizbot/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --create-home --home-dir /data quizbot
COPY --from=build /opt/quizbot /opt/quizbot
USER quizbot
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENV PATH=/opt/quizbot/bin:$PATH PYTHONUNBUFFERED=1 QUIZBOT_HOST=0.0.0.0 QUIZBOT_LOG=json
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health', timeout=3)"]
CMD ["quizbot", "run"]
