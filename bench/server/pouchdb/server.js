'use strict';
// server.js PORT: express-pouchdb over databases in memory, with what PouchDB as a client needs and no more.

const PouchDB = require('pouchdb-node').plugin(require('pouchdb-adapter-memory'));
const app = require('express')();

const Memory = PouchDB.defaults({ adapter: 'memory' });
app.use('/', require('express-pouchdb')(Memory, { mode: 'minimumForPouchDB', inMemoryConfig: true }));
app.listen(Number(process.argv[2]), '127.0.0.1');
