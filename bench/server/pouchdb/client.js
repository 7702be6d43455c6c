'use strict';
// client.js first URL BATCH       pulls a database into a new one in memory: {"documents", "seconds"}
// client.js live URL EDITS        two in memory sync with it, live: {"milliseconds"} from an edit in one to the event in
//                                 the other, of each edit
// A key for the server comes in $QUIRE_KEY.

const PouchDB = require('pouchdb-node').plugin(require('pouchdb-adapter-memory'));

const local = (name) => new PouchDB(name, { adapter: 'memory' });

function remote(url) {
  return new PouchDB(url, {
    skip_setup: true,
    fetch(target, options) {
      if (process.env.QUIRE_KEY) options.headers.set('Authorization', `Bearer ${process.env.QUIRE_KEY}`);
      return PouchDB.fetch(target, options);
    },
  });
}

async function first(url, batch) {
  const here = local('here');
  await here.info();
  const began = process.hrtime.bigint();
  const done = await here.replicate.from(remote(url), { batch_size: Number(batch) });
  return { documents: done.docs_written, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

async function live(url, edits) {
  const [one, two] = [local('one'), local('two')];
  const syncs = [one, two].map((db) => db.sync(remote(url), { live: true, retry: true }));
  let seen = null;
  two.changes({ live: true, since: 'now' }).on('change', (change) => seen && seen(change.id));
  const milliseconds = [];
  for (let i = 0; i < Number(edits) + 10; ++i) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const id = `${process.pid}-${i}`;
    const there = new Promise((resolve) => { seen = (what) => what === id && resolve(); });
    const began = process.hrtime.bigint();
    await one.put({ _id: id, text: 'x'.repeat(100) });
    await there;
    // The first few find connections and code that is not there yet.
    if (i >= 10) milliseconds.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  syncs.forEach((sync) => sync.cancel());
  return { milliseconds };
}

const [, , what, url, number] = process.argv;
({ first, live })[what](url, number).then((result) => {
  console.log(JSON.stringify(result));
  process.exit(0);
}, (fault) => {
  console.error(fault);
  process.exit(1);
});
