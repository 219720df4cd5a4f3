# The first system's way: the handler returns list[dict] and the framework does the rest.
import json

from fastapi import FastAPI

app = FastAPI()
data = json.load(open("list.json"))


@app.get("/api/v1/performances")
async def performances():
    return {"data": [dict(d) for d in data["data"]], "page": dict(data["page"])}
