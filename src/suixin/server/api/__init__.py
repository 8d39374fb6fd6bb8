"""The REST API, /api/v1: programs ask and write here what people do on the pages, by the same actions."""
