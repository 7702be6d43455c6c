'use strict';
// client.js CASE URL: one case of run.py, with a PouchDB in memory and a server at URL. Prints what went wrong, and ends
// with 1 then.

const assert = require('assert');
const PouchDB = require('pouchdb-node').plugin(require('pouchdb-adapter-memory')).plugin(require('pouchdb-find'));

let made = 0;
const local = () => new PouchDB(`local${++made}`, { adapter: 'memory' });
const remote = (url, name) => new PouchDB(`${url}/${name}`, { skip_setup: false });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, holds) {
  for (let i = 0; i < 300; ++i) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

// All that two databases have to agree on: every leaf of every document, deleted ones too, and their bodies.
async function leaves(db) {
  const all = {};
  const changes = await db.changes({ style: 'all_docs', since: 0 });
  for (const row of changes.results) {
    const rows = await db.get(row.id, { open_revs: 'all', revs: true });
    all[row.id] = rows.filter((one) => one.ok).map((one) => {
      const { _attachments: attachments, ...rest } = one.ok;
      const digests = Object.entries(attachments || {}).map(([name, a]) => [name, a.digest, a.length, a.content_type]);
      return JSON.stringify([Object.entries(rest).sort(), digests.sort()]);
    }).sort();
  }
  return all;
}

async function same(a, b) {
  assert.deepStrictEqual(await leaves(a), await leaves(b));
}

const cases = {
  async writes(url) {
    const db = remote(url, 'writes');
    assert.strictEqual((await db.info()).doc_count, 0);
    const { rev } = await db.put({ _id: 'a', n: 1 });
    const second = await db.put({ _id: 'a', _rev: rev, n: 2 });
    await assert.rejects(db.put({ _id: 'a', _rev: rev, n: 3 }), { status: 409, name: 'conflict' });
    await assert.rejects(db.put({ _id: 'a', n: 3 }), { status: 409 });
    assert.strictEqual((await db.get('a')).n, 2);
    assert.strictEqual((await db.get('a', { rev })).n, 1);
    await db.remove('a', second.rev);
    await assert.rejects(db.get('a'), { status: 404, reason: 'deleted' });
    await assert.rejects(db.get('b'), { status: 404, reason: 'missing' });
    await db.put({ _id: 'a', n: 4 });
    assert.match((await db.get('a'))._rev, /^4-/);
    const made = await db.post({ x: 1 });
    assert.match(made.id, /^[0-9a-f-]{32,36}$/);
    const rows = await db.bulkDocs([{ _id: 'c' }, { _id: 'a' }, { _id: 'd' }]);
    assert.deepStrictEqual(rows.map((row) => row.ok || row.name), [true, 'conflict', true]);
    for (const id of ['constructor', 'hasOwnProperty', 'größe/ñ', '_design/x', 'a b+c?d&e']) {
      await db.put({ _id: id, of: id });
      assert.strictEqual((await db.get(id)).of, id);
    }
    await assert.rejects(db.put({ _id: 'x', _y: 1 }), { status: 400, name: 'doc_validation' });
    await db.destroy();
    await assert.rejects(new PouchDB(`${url}/writes`, { skip_setup: true }).get('a'), { status: 404 });
  },

  async both(url) {
    const here = local();
    const there = remote(url, 'both');
    await here.bulkDocs(Array.from({ length: 300 }, (_, i) => ({ _id: `here${i}`, n: i })));
    await there.bulkDocs(Array.from({ length: 300 }, (_, i) => ({ _id: `there${i}`, n: i })));
    let done = await here.sync(there);
    assert.strictEqual(done.push.docs_written, 300);
    assert.strictEqual(done.pull.docs_written, 300);
    await same(here, there);
    // Nothing to do the second time, from the checkpoint.
    done = await here.sync(there);
    assert.strictEqual(done.push.docs_read + done.pull.docs_read, 0);
    // Conflicting edits, a deletion against an edit, and both sides choose one winner.
    const a = await here.get('here1');
    const b = await there.get('here1');
    await here.put({ ...a, from: 'here' });
    await there.put({ ...b, from: 'there' });
    await here.remove(await here.get('here2'));
    await there.put({ ...(await there.get('here2')), from: 'there' });
    await there.remove(await there.get('there3'));
    await here.sync(there);
    await same(here, there);
    const winner = await here.get('here1', { conflicts: true });
    assert.strictEqual(winner._conflicts.length, 1);
    assert.deepStrictEqual(await there.get('here1', { conflicts: true }), winner);
    // Resolved on one side, it is resolved on both.
    await here.remove('here1', winner._conflicts[0]);
    await here.sync(there);
    assert.strictEqual((await there.get('here1', { conflicts: true }))._conflicts, undefined);
    await same(here, there);
  },

  async live(url) {
    const one = local();
    const two = local();
    const there = remote(url, 'live');
    const syncs = [one, two].map((db) => db.sync(there, { live: true, retry: true, heartbeat: 500 }));
    const has = (db, id) => db.get(id).then(() => true, () => false);
    await sleep(300);
    for (let i = 0; i < 5; ++i) {
      await one.put({ _id: `one${i}` });
      await until(`one${i}`, () => has(two, `one${i}`));
      await two.put({ _id: `two${i}` });
      await until(`two${i}`, () => has(one, `two${i}`));
    }
    await there.put({ _id: 'server' });
    await until('server', async () => (await has(one, 'server')) && (await has(two, 'server')));
    for (const sync of syncs) {
      sync.cancel();
      await new Promise((resolve) => sync.on('complete', resolve));
    }
    await same(one, there);
    await same(two, there);
  },

  async attachments(url) {
    const here = local();
    const there = remote(url, 'attachments');
    const bytes = Buffer.from(Array.from({ length: 100000 }, (_, i) => (i * 7) % 256));
    await here.put({
      _id: 'a',
      _attachments: {
        'text.txt': { content_type: 'text/plain', data: Buffer.from('hello').toString('base64') },
        'dir/bytes': { content_type: 'application/octet-stream', data: bytes.toString('base64') },
      },
    });
    await here.replicate.to(there);
    await same(here, there);
    assert.strictEqual((await there.getAttachment('a', 'text.txt')).toString(), 'hello');
    assert.ok((await there.getAttachment('a', 'dir/bytes')).equals(bytes));
    // An edit keeps what it names, and drops what it does not.
    const doc = await there.get('a');
    delete doc._attachments['text.txt'];
    await there.put({ ...doc, n: 1 });
    const { rev } = await there.get('a').then((found) => ({ rev: found._rev }));
    await there.putAttachment('a', 'new', rev, Buffer.from('new bytes'), 'text/plain');
    await here.sync(there);
    await same(here, there);
    assert.deepStrictEqual(Object.keys((await here.get('a'))._attachments).sort(), ['dir/bytes', 'new']);
    assert.strictEqual((await here.getAttachment('a', 'new')).toString(), 'new bytes');
    const inline = await there.get('a', { attachments: true });
    assert.strictEqual(Buffer.from(inline._attachments.new.data, 'base64').toString(), 'new bytes');
    await assert.rejects(there.put({ _id: 'b', _attachments: { x: { stub: true } } }), { status: 412 });
    await there.removeAttachment('a', 'new', inline._rev);
    await here.sync(there);
    await same(here, there);
  },

  async filters(url) {
    const there = remote(url, 'filters');
    await there.bulkDocs(Array.from({ length: 20 }, (_, i) => ({ _id: `d${i}`, even: i % 2 === 0 })));
    const ids = local();
    await ids.replicate.from(there, { doc_ids: ['d1', 'd3', 'nothing'] });
    assert.deepStrictEqual((await ids.allDocs()).rows.map((row) => row.id), ['d1', 'd3']);
    const chosen = local();
    await chosen.replicate.from(there, { selector: { even: true } });
    assert.strictEqual((await chosen.allDocs()).rows.length, 10);
    const changes = await there.changes({ limit: 5, include_docs: true });
    assert.strictEqual(changes.results.length, 5);
    assert.strictEqual(changes.results[0].doc._id, changes.results[0].id);
    const last = await there.changes({ descending: true, limit: 1 });
    assert.strictEqual(last.results[0].id, 'd19');
  },

  // An index is a design document, which travels both ways and is the same index on the other side.
  async indexes(url) {
    const there = remote(url, 'indexes');
    const sorted = (db) => db.find({ selector: { n: { $gte: 0 } }, sort: [{ n: 'desc' }], fields: ['n'] })
      .then((found) => found.docs.map((doc) => doc.n), () => null);
    const names = async (db) => (await db.getIndexes()).indexes.map((index) => index.ddoc);
    await there.bulkDocs(Array.from({ length: 20 }, (_, n) => ({ _id: `d${n}`, n })));
    const made = await there.createIndex({ index: { fields: ['n'] }, ddoc: 'by-n', name: 'n' });
    assert.deepStrictEqual([made.result, made.id, made.name], ['created', '_design/by-n', 'n']);
    assert.strictEqual((await there.createIndex({ index: { fields: ['n'] }, ddoc: 'by-n', name: 'n' })).result, 'exists');
    await until('an index here', async () => (await sorted(there)) !== null);
    assert.strictEqual((await sorted(there))[0], 19);
    const design = await there.get('_design/by-n');
    assert.deepStrictEqual(design.views.n.map.fields, { n: 'asc' });

    const here = local();
    await here.replicate.from(there);
    assert.deepStrictEqual(await names(here), [null, '_design/by-n']);
    assert.strictEqual((await sorted(here))[0], 19);
    assert.deepStrictEqual(await here.get('_design/by-n'), design);
    // One that was made there comes here, and one that goes there goes here.
    await here.createIndex({ index: { fields: ['m', 'n'] } });
    const other = (await names(here)).find((name) => name && name !== '_design/by-n');
    await here.deleteIndex({ ddoc: '_design/by-n', type: 'json', name: 'n' });
    await here.replicate.to(there);
    assert.deepStrictEqual(await names(there), [null, other]);
    assert.strictEqual(await sorted(there), null);
    await assert.rejects(there.get('_design/by-n'), { status: 404, reason: 'deleted' });
    const again = remote(url, 'indexes-again');
    await there.replicate.to(again);
    assert.deepStrictEqual(await names(again), [null, other]);
    const index = (await there.getIndexes()).indexes[1];
    await there.deleteIndex(index);
    assert.deepStrictEqual(await names(there), [null]);
    assert.strictEqual((await there.info()).doc_count, 20);
    await same(await (async () => { await here.sync(there); return here; })(), there);
  },

  // As many documents as a first sync is measured with.
  async many(url) {
    const there = remote(url, 'many');
    const total = 18000;
    for (let i = 0; i < total; i += 1000) {
      await there.bulkDocs(Array.from({ length: 1000 }, (_, k) => ({ _id: `doc${i + k}`, text: 'x'.repeat(280) })));
    }
    const here = local();
    const began = Date.now();
    const done = await here.replicate.from(there, { batch_size: 1000 });
    console.log(`many: ${total} documents in ${Date.now() - began} ms`);
    assert.strictEqual(done.docs_written, total);
  },
};

const [, , name, url] = process.argv;
cases[name](url).then(() => process.exit(0), (fault) => {
  console.error(`${name}:`, fault);
  process.exit(1);
});
