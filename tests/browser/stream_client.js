// stream_client.js PORT KEY COUNT: a program with the package `ws`. It proves who it is in its first message, upserts
// COUNT documents over /db, watches them over /changes, and reads them all at the end; whenever a connection is lost it
// opens another one, and the watch goes on behind the last event. It tells what it sees on its output, a line each.
"use strict";
const WebSocket = require("ws");
const [port, key, count] = process.argv.slice(2);
const tell = (...words) => console.log(words.join(" "));
const later = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function open(path) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  socket.on("error", () => {});  // "close" follows
  return socket;
}

// Watches until `seen` says that it is enough.
let token = null;
function watch(seen) {
  const socket = open("/changes");
  socket.on("open", () => {
    socket.send(JSON.stringify({action: "auth", apiKey: key}));
    socket.send(JSON.stringify({collection: "node", ...(token && {resumeAfter: token})}));
  });
  socket.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.error) tell("error", JSON.stringify(message.error));
    if (message.started) tell("started", token ? token._data : "now");
    if (!message.doc) return;
    token = message.doc._id;
    tell("event", message.doc.operationType, message.doc.documentKey._id, message.doc.fullDocument.n);
    if (seen(message.doc)) socket.close();
  });
  socket.on("close", (code) => {
    tell("closed", code);
    if (code === 1006 || code === 1001) setTimeout(() => watch(seen), 50);
  });
}

// A connection to /db, on which requests are answered by their reqID.
async function connect() {
  for (;;) {
    const socket = open("/db");
    const opened = await new Promise((done) => {
      socket.on("open", () => done(true));
      socket.on("close", () => done(false));
    });
    if (opened) return new Db(socket);
    await later(50);
  }
}
class Db {
  constructor(socket) {
    this.socket = socket;
    this.waiting = new Map();
    this.next = 0;
    socket.on("message", (text) => {
      const message = JSON.parse(text);
      const request = this.waiting.get(message.reqID);
      request.messages.push(message);
      if (message.hasMore) return;
      this.waiting.delete(message.reqID);
      request.done(request.messages);
    });
    socket.on("close", () => this.waiting.forEach((request) => request.done(null)));
  }
  // All messages of the answer; null where the connection was lost.
  ask(request) {
    return new Promise((done) => {
      if (this.socket.readyState !== WebSocket.OPEN) return done(null);
      const reqID = ++this.next;
      this.waiting.set(reqID, {messages: [], done});
      this.socket.send(JSON.stringify({...request, reqID}));
    });
  }
}

async function main() {
  const all = new Promise((done) => watch((event) => {
    if (event.documentKey._id === "last") done();
    return event.documentKey._id === "last";
  }));
  await later(300);  // the watch begins at what is then now
  let db = await connect();
  const asked = [];
  for (let i = 0; i < Number(count) + 1; ++i) {
    const id = i < count ? `d${i}` : "last";
    asked.push(id);
    for (;;) {
      await db.ask({action: "auth", apiKey: key});
      const answer = await db.ask({action: "upsert", collection: "node", id, updates: {$inc: {n: 1}}});
      if (answer) {
        if (answer[0].error) throw new Error(JSON.stringify(answer[0]));
        tell("written", id);
        break;
      }
      tell("unanswered", id);
      db = await connect();
      if (id !== "last") break;
    }
    await later(2);
  }
  const found = await db.ask({action: "getByIds", collection: "node", ids: [...asked, "none"]});
  tell("read", found.length, found.filter((message) => message.hasMore).length);
  const none = await db.ask({action: "getByIds", collection: "node", ids: ["none"]});
  tell("none", none[0].error.code);
  await all;
  db.socket.close();
}
main().catch((error) => { tell("fault", error.stack); process.exitCode = 1; });
