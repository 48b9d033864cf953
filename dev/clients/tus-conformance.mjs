// tus 1.0.0 (protocol.md of 2016-03-25), sentence by sentence: whatever a server MUST or SHOULD do. Each case is a
// request or two, and what the answer has to be; it knows no server, and is run against ours and against @tus/server.
// Sentences that bind clients only are not here.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import { eventually } from './wire.mjs';

export const MAX_SIZE = 4 * 1024 * 1024;
const BYTES = 'application/offset+octet-stream';
const VERSION = { 'Tus-Resumable': '1.0.0' };
const base64 = (text) => Buffer.from(text).toString('base64');
const sha1 = (bytes) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;

/** One request, on a connection of its own. */
export function call(url, method, headers = {}, body = undefined) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const request = http.request(url, { method, headers: { ...length, ...headers }, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.once('error', reject);
      answer.once('end', () => {
        const text = Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode, headers: answer.headers, raw: answer.rawHeaders, text });
      });
    });
    request.setTimeout(10_000, () => request.destroy(new assert.AssertionError({ message: `${method} got no answer` })));
    request.once('error', reject);
    request.end(body);
  });
}

const tus = (url, method, headers, body) => call(url, method, { ...VERSION, ...headers }, body);
const options = (server) => call(server.url, 'OPTIONS');
const extensions = async (server) => (await options(server)).headers['tus-extension'].split(',');
const head = (url) => tus(url, 'HEAD');
const offsetOf = async (url) => Number((await head(url)).headers['upload-offset']);
const patch = (url, offset, body, headers = {}) =>
  tus(url, 'PATCH', { 'Content-Type': BYTES, 'Upload-Offset': offset, ...headers }, body);

async function create(server, headers, body) {
  const answer = await tus(server.url, 'POST', headers, body ?? '');
  assert.equal(answer.status, 201, `POST ${JSON.stringify(headers)}: ${answer.text}`);
  assert.ok(answer.headers.location, 'Location');
  return { url: new URL(answer.headers.location, server.url).href, answer };
}

const made = async (server, size = 10, more = {}) => (await create(server, { 'Upload-Length': size, ...more })).url;

async function completed(server, content = 'hello world', more = {}) {
  const url = await made(server, content.length, more);
  assert.equal((await patch(url, 0, content)).status, 204);
  return url;
}

const partial = (server, content) => completed(server, content, { 'Upload-Concat': 'partial' });

async function final(server, urls, more = {}) {
  const { url } = await create(server, { 'Upload-Concat': `final;${urls.join(' ')}`, ...more });
  return url;
}

async function finished(url) {
  return eventually(async () => {
    const answer = await head(url);
    return answer.headers['upload-offset'] !== undefined && answer;
  }, 'the concatenation');
}

const refused = (answer, ...statuses) =>
  assert.ok(statuses.includes(answer.status), `${answer.status} instead of ${statuses}: ${answer.text}`);
const natural = (value) => assert.match(String(value), /^\d+$/);

/** Sends a PATCH of `length` bytes and breaks the connection after the first ones. */
async function cut(url, offset, length, first) {
  const { host, hostname, port, pathname } = new URL(url);
  const socket = net.connect({ host: hostname, port });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => {});
  const lines = [`PATCH ${pathname} HTTP/1.1`, `Host: ${host}`, 'Tus-Resumable: 1.0.0', `Upload-Offset: ${offset}`];
  socket.write([...lines, `Content-Type: ${BYTES}`, `Content-Length: ${length}`, '', ''].join('\r\n'));
  await new Promise((resolve) => socket.write(first, resolve));
  return socket;
}

/** Sends what is missing, as every client does after an error; the older request may still have been on its way. */
async function goOn(url, content) {
  await eventually(async () => {
    const offset = await offsetOf(url);
    const answer = await patch(url, offset, content.subarray(offset));
    refused(answer, 204, 409);
    return answer.status === 204;
  }, 'the rest to be taken');
  assert.equal(await offsetOf(url), content.length);
}

/** What a raw connection says to a request without its body. */
async function early(url, lines) {
  const { host, hostname, port, pathname } = new URL(url);
  const socket = net.connect({ host: hostname, port });
  try {
    const said = new Promise((resolve, reject) => {
      let text = '';
      socket.setTimeout(5_000, () => reject(new assert.AssertionError({ message: 'nothing was said' })));
      socket.once('error', reject);
      socket.on('data', (data) => (text += data) && text.includes('\r\n\r\n') && resolve(text));
    });
    socket.write([`POST ${pathname} HTTP/1.1`, `Host: ${host}`, ...lines, '', ''].join('\r\n'));
    return await said;
  } finally {
    socket.destroy();
  }
}

const cases = [];
let section;
const at = (name, define) => {
  section = name;
  define();
};
const says = (sentence, check, { server = 'usual' } = {}) =>
  cases.push({ name: `${section}: ${sentence}`, check, server });

// ---------------------------------------------------------------------------------------------------- Core protocol

at('Upload-Offset', () => {
  says('the value MUST be a non-negative integer', async (server) => {
    const url = await made(server);
    natural((await head(url)).headers['upload-offset']);
    for (const wrong of ['-1', 'x', '1.5', '']) refused(await patch(url, wrong, 'a'), 400);
    assert.equal(await offsetOf(url), 0);
  });
});

at('Upload-Length', () => {
  says('the value MUST be a non-negative integer', async (server) => {
    for (const wrong of ['-1', 'x', '1.5', '']) refused(await tus(server.url, 'POST', { 'Upload-Length': wrong }), 400);
    natural((await head(await made(server))).headers['upload-length']);
  });
});

at('Tus-Version', () => {
  says('MUST be a comma-separated list of the versions, sorted by preference', async (server) => {
    assert.match((await options(server)).headers['tus-version'], /^1\.0\.0(,\d+\.\d+\.\d+)*$/);
  });
});

at('Tus-Resumable', () => {
  says('MUST be in every response but to OPTIONS, and name the version', async (server) => {
    const { url, answer } = await create(server, { 'Upload-Length': 3 });
    const answers = [
      answer,
      await head(url),
      await patch(url, 0, 'abc'),
      await patch(url, 7, 'abc'),
      await tus(url, 'PATCH', { 'Content-Type': 'text/plain', 'Upload-Offset': 0 }, 'a'),
      await head(`${server.url}/none`),
      await tus(server.url, 'POST', {}),
      await tus(url, 'DELETE'),
    ];
    for (const { status, headers } of answers) assert.equal(headers['tus-resumable'], '1.0.0', `of a ${status}`);
  });
  says('another version MUST get 412 with Tus-Version, and the request MUST NOT be processed', async (server) => {
    const url = await made(server);
    const wrong = { 'Tus-Resumable': '0.2.2' };
    const answers = [
      await call(server.url, 'POST', { ...wrong, 'Upload-Length': 5 }),
      await call(url, 'HEAD', wrong),
      await call(url, 'PATCH', { ...wrong, 'Content-Type': BYTES, 'Upload-Offset': 0 }, 'abc'),
      await call(url, 'DELETE', wrong),
    ];
    for (const answer of answers) {
      refused(answer, 412);
      assert.match(answer.headers['tus-version'] ?? 'none', /1\.0\.0/);
    }
    assert.equal(await offsetOf(url), 0);
  });
  says('a request without it is refused as well', async (server) => {
    refused(await call(server.url, 'POST', { 'Upload-Length': 5 }), 412);
  });
});

at('Tus-Extension', () => {
  says('MUST be a comma-separated list of the extensions', async (server) => {
    assert.match((await options(server)).headers['tus-extension'], /^[a-z-]+(,[a-z-]+)*$/);
  });
});

at('Tus-Max-Size', () => {
  says('MUST be a non-negative integer, and SHOULD be set where there is a limit', async (server) => {
    assert.equal((await options(server)).headers['tus-max-size'], String(MAX_SIZE));
  });
});

at('X-HTTP-Method-Override', () => {
  says('MUST be taken for the method, the actual one MUST be ignored', async (server) => {
    const url = await made(server, 3);
    const override = (method) => ({ 'X-HTTP-Method-Override': method });
    const sent = await tus(url, 'POST', { ...override('PATCH'), 'Content-Type': BYTES, 'Upload-Offset': 0 }, 'ab');
    refused(sent, 204);
    assert.equal(await offsetOf(url), 2);
    refused(await tus(url, 'POST', override('DELETE')), 204);
    refused(await head(url), 404, 410);
  });
});

at('HEAD', () => {
  says('MUST always have Upload-Offset, also where it is 0 or the upload completed', async (server) => {
    assert.equal((await head(await made(server))).headers['upload-offset'], '0');
    assert.equal((await head(await completed(server, 'abc'))).headers['upload-offset'], '3');
  });
  says('MUST have Upload-Length where the size is known', async (server) => {
    assert.equal((await head(await made(server, 77))).headers['upload-length'], '77');
    assert.equal((await head(await completed(server, 'abc'))).headers['upload-length'], '3');
  });
  says('of what is not there SHOULD be 404, 410 or 403, without Upload-Offset', async (server) => {
    const answer = await head(`${server.url}/24e533e02ec3bc40c387f1a0e460e216`);
    refused(answer, 404, 410, 403);
    assert.equal(answer.headers['upload-offset'], undefined);
  });
  says('MUST have Cache-Control: no-store', async (server) => {
    assert.match((await head(await made(server))).headers['cache-control'] ?? 'none', /no-store/);
  });
});

at('PATCH', () => {
  says('SHOULD be accepted, and its bytes applied at the offset', async (server) => {
    const url = await made(server, 6);
    refused(await patch(url, 0, 'abc'), 204);
    refused(await patch(url, 3, 'def'), 204);
    assert.equal(await offsetOf(url), 6);
  });
  says('of another Content-Type SHOULD get 415', async (server) => {
    const url = await made(server);
    refused(await tus(url, 'PATCH', { 'Upload-Offset': 0, 'Content-Type': 'text/plain' }, 'abc'), 415);
    refused(await tus(url, 'PATCH', { 'Upload-Offset': 0 }, 'abc'), 415);
    assert.equal(await offsetOf(url), 0);
  });
  says('at another offset MUST get 409 and MUST NOT change the upload', async (server) => {
    const url = await made(server, 10);
    await patch(url, 0, 'abcde');
    for (const wrong of [0, 4, 6, 10, 11]) refused(await patch(url, wrong, 'x'), 409);
    assert.equal(await offsetOf(url), 5);
  });
  says('MUST be acknowledged with 204', async (server) => {
    refused(await patch(await made(server), 0, 'abc'), 204);
  });
  says('MUST be answered with the new Upload-Offset, the sum of the old one and the bytes', async (server) => {
    const url = await made(server, 10);
    assert.equal((await patch(url, 0, 'abc')).headers['upload-offset'], '3');
    assert.equal((await patch(url, 3, 'defg')).headers['upload-offset'], '7');
    assert.equal((await patch(url, 7, '')).headers['upload-offset'], '7');
  });
  says('of what is not there SHOULD get 404', async (server) => {
    refused(await patch(`${server.url}/24e533e02ec3bc40c387f1a0e460e216`, 0, 'abc'), 404);
  });
  says('network errors SHOULD be handled: the upload goes on after one', async (server) => {
    const content = randomBytes(200_000);
    const url = await made(server, content.length);
    const socket = await cut(url, 0, content.length, content.subarray(0, 100_000));
    socket.destroy();
    await goOn(url, content);
  });
  says('SHOULD store as much as possible of what has come', async (server) => {
    const content = randomBytes(300_000);
    const url = await made(server, content.length);
    const socket = await cut(url, 0, content.length, content.subarray(0, 123_457));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end();
    socket.resume();
    socket.setTimeout(10_000, () => socket.destroy());
    await closed;
    assert.equal(await offsetOf(url), 123_457);
  });
  says('a newer HEAD is answered while an older PATCH hangs, and its offset can be gone on from', async (server) => {
    const content = randomBytes(100_000);
    const url = await made(server, content.length);
    const socket = await cut(url, 0, content.length, content.subarray(0, 50_000));
    try {
      await goOn(url, content);
    } finally {
      socket.destroy();
    }
  });
  says('of more bytes than Upload-Length is refused, and the upload stays', async (server) => {
    const url = await made(server, 3);
    refused(await patch(url, 0, 'abcdef'), 413, 400);
    assert.equal(await offsetOf(url), 0);
    refused(await patch(url, 0, 'abc'), 204);
  });
});

at('OPTIONS', () => {
  says('MUST contain Tus-Version, with 204 or 200', async (server) => {
    const answer = await options(server);
    refused(answer, 204, 200);
    assert.ok(answer.headers['tus-version']);
    const ofUpload = await call(await made(server), 'OPTIONS');
    refused(ofUpload, 204, 200);
    assert.ok(ofUpload.headers['tus-version']);
  });
  says('MUST ignore Tus-Resumable', async (server) => {
    refused(await call(server.url, 'OPTIONS', { 'Tus-Resumable': '0.0.1' }), 204, 200);
  });
});

// --------------------------------------------------------------------------------------------------------- Creation

at('Creation', () => {
  says('MUST be in Tus-Extension', async (server) => assert.ok((await extensions(server)).includes('creation')));
  says('Upload-Defer-Length MUST be 1 in HEAD while the length is unknown', async (server) => {
    const { url } = await create(server, { 'Upload-Defer-Length': 1 });
    const { headers } = await head(url);
    assert.equal(headers['upload-defer-length'], '1');
    assert.equal(headers['upload-length'], undefined);
  });
  says('Upload-Defer-Length MUST be omitted where the length is not deferred', async (server) => {
    assert.equal((await head(await made(server))).headers['upload-defer-length'], undefined);
  });
  says('Upload-Defer-Length of another value should get 400', async (server) => {
    for (const wrong of ['0', '2', 'true', '']) {
      refused(await tus(server.url, 'POST', { 'Upload-Defer-Length': wrong }), 400);
    }
  });
  says('creation-defer-length MUST be in Tus-Extension', async (server) => {
    assert.ok((await extensions(server)).includes('creation-defer-length'));
  });
  says('a deferred length is set by a PATCH', async (server) => {
    const { url } = await create(server, { 'Upload-Defer-Length': 1 });
    refused(await patch(url, 0, 'abc'), 204);
    refused(await patch(url, 3, 'de', { 'Upload-Length': 7 }), 204);
    const { headers } = await head(url);
    assert.equal(headers['upload-length'], '7');
    assert.equal(headers['upload-defer-length'], undefined);
    refused(await patch(url, 5, 'fg'), 204);
    assert.equal(await offsetOf(url), 7);
  });
  says('once set, the length MUST NOT be changed', async (server) => {
    const { url } = await create(server, { 'Upload-Defer-Length': 1 });
    refused(await patch(url, 0, 'abc', { 'Upload-Length': 7 }), 204);
    await patch(url, 3, 'd', { 'Upload-Length': 9 });
    assert.equal((await head(url)).headers['upload-length'], '7');
    const known = await made(server, 5);
    await patch(known, 0, 'a', { 'Upload-Length': 6 });
    assert.equal((await head(known)).headers['upload-length'], '5');
  });
  says('a request MUST have Upload-Length or Upload-Defer-Length', async (server) => {
    refused(await tus(server.url, 'POST', {}), 400);
    refused(await tus(server.url, 'POST', { 'Upload-Length': 1, 'Upload-Defer-Length': 1 }), 400);
  });
  says('Upload-Metadata: HEAD MUST include it as the client said it', async (server) => {
    for (const said of [
      'filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential',
      'a,b MQ==,c',
      `filename ${base64('grün.txt')},filetype ${base64('text/plain')},x-own ${base64('\u0000\u0001')}`,
    ]) {
      assert.equal((await head(await made(server, 3, { 'Upload-Metadata': said }))).headers['upload-metadata'], said);
    }
  });
  says('Upload-Metadata: HEAD has none where the client said none', async (server) => {
    assert.equal((await head(await made(server))).headers['upload-metadata'], undefined);
  });
  const malformed = {
    'keys MUST NOT be empty': [',a MQ==', 'a MQ==,', 'a MQ==,,b'],
    'keys MUST be unique': ['a MQ==,a Mg==', 'a,a'],
    'values MUST be Base64': ['a b?c', 'a ****', 'a MQ== MQ=='],
  };
  for (const [rule, headers] of Object.entries(malformed)) {
    says(`Upload-Metadata: ${rule}`, async (server) => {
      for (const said of headers) {
        refused(await tus(server.url, 'POST', { 'Upload-Length': 1, 'Upload-Metadata': said }), 400);
      }
    });
  }
  says('Upload-Metadata: values SHOULD not smuggle headers', async (server) => {
    const said = `filename ${base64('a\r\nX-Evil: 1\r\n\r\n')}`;
    const answer = await tus(server.url, 'POST', { 'Upload-Length': 1, 'Upload-Metadata': said });
    assert.equal(answer.headers['x-evil'], undefined);
    const there = await head(new URL(answer.headers.location, server.url).href);
    assert.equal(there.headers['x-evil'], undefined);
  });
  says('a length over the maximum MUST get 413', async (server) => {
    refused(await tus(server.url, 'POST', { 'Upload-Length': MAX_SIZE + 1 }), 413);
    refused(await tus(server.url, 'POST', { 'Upload-Length': '99999999999999999999' }), 413);
  });
  says('a deferred length over the maximum gets 413 and is not set', async (server) => {
    const { url } = await create(server, { 'Upload-Defer-Length': 1 });
    refused(await patch(url, 0, 'abc', { 'Upload-Length': MAX_SIZE + 1 }), 413);
    assert.equal((await head(url)).headers['upload-defer-length'], '1');
  });
  says('MUST be acknowledged with 201 and the Location of the upload', async (server) => {
    const { url, answer } = await create(server, { 'Upload-Length': 5 });
    assert.equal(answer.status, 201);
    refused(await head(url), 200, 204);
  });
  says('an upload of no bytes is complete at once', async (server) => {
    const { headers } = await head(await made(server, 0));
    assert.deepEqual([headers['upload-offset'], headers['upload-length']], ['0', '0']);
  });
});

at('Creation With Upload', () => {
  says('MUST be in Tus-Extension, and only beside creation', async (server) => {
    const known = await extensions(server);
    assert.ok(known.includes('creation-with-upload') && known.includes('creation'));
  });
  says('SHOULD accept the bytes and MUST answer with Upload-Offset', async (server) => {
    const { url, answer } = await create(server, { 'Upload-Length': 100, 'Content-Type': BYTES }, 'hello');
    assert.equal(answer.headers['upload-offset'], '5');
    assert.equal(await offsetOf(url), 5);
    const whole = await create(server, { 'Upload-Length': 5, 'Content-Type': BYTES }, 'hello');
    assert.equal(whole.answer.headers['upload-offset'], '5');
    assert.equal(await offsetOf(whole.url), 5);
  });
  says('Expect: 100-continue gets early feedback', async (server) => {
    const lines = ['Tus-Resumable: 1.0.0', `Content-Type: ${BYTES}`, 'Content-Length: 5', 'Expect: 100-continue'];
    assert.match(await early(server.url, [...lines, 'Upload-Length: 5']), /^HTTP\/1\.1 100 /);
    assert.match(await early(server.url, [...lines, `Upload-Length: ${MAX_SIZE + 1}`]), /^HTTP\/1\.1 413 /);
  });
});

// ------------------------------------------------------------------------------------------------------- Expiration

const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

at('Expiration', () => {
  says('MUST be in Tus-Extension', async (server) => assert.ok((await extensions(server)).includes('expiration')));
  says('Upload-Expires MUST be in every PATCH response of what expires', async (server) => {
    const url = await made(server, 10);
    assert.ok((await patch(url, 0, 'abc')).headers['upload-expires']);
    assert.ok((await patch(url, 3, 'def')).headers['upload-expires']);
  });
  says('Upload-Expires MUST be in the POST response where it is known', async (server) => {
    assert.ok((await create(server, { 'Upload-Length': 5 })).answer.headers['upload-expires']);
  });
  says('Upload-Expires MUST be an HTTP date', async (server) => {
    const { url, answer } = await create(server, { 'Upload-Length': 5 });
    assert.match(answer.headers['upload-expires'], HTTP_DATE);
    assert.match((await patch(url, 0, 'abc')).headers['upload-expires'], HTTP_DATE);
    assert.ok(new Date(answer.headers['upload-expires']) > Date.now());
  });
  says(
    'of an expired upload, HEAD and PATCH SHOULD get 404 or 410, and 410 where expiry is tracked',
    async (server) => {
      const url = await made(server, 10);
      await patch(url, 0, 'abc');
      await eventually(async () => (await head(url)).status === 410, 'the expiry');
      refused(await patch(url, 3, 'def'), 410);
    },
    { server: 'hasty' },
  );
});

// --------------------------------------------------------------------------------------------------------- Checksum

at('Checksum', () => {
  says('MUST be in Tus-Extension', async (server) => assert.ok((await extensions(server)).includes('checksum')));
  says('Tus-Checksum-Algorithm MUST be in OPTIONS: a comma-separated list with sha1', async (server) => {
    const said = (await options(server)).headers['tus-checksum-algorithm'];
    assert.match(String(said), /^[a-z0-9]+(,[a-z0-9]+)*$/);
    assert.ok(said.split(',').includes('sha1'));
  });
  says('a right checksum gets 204, and the bytes are applied', async (server) => {
    const url = await made(server, 11);
    refused(await patch(url, 0, 'hello world', { 'Upload-Checksum': 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=' }), 204);
    assert.equal(await offsetOf(url), 11);
  });
  says('a wrong checksum gets 460; the chunk MUST be discarded, the offset MUST NOT change', async (server) => {
    const url = await made(server, 11);
    refused(await patch(url, 0, 'hello', { 'Upload-Checksum': sha1('jello') }), 460);
    assert.equal(await offsetOf(url), 0);
    refused(await patch(url, 0, 'hello', { 'Upload-Checksum': sha1('hello') }), 204);
  });
  says('an unknown algorithm gets 400; the offset MUST NOT change', async (server) => {
    const url = await made(server, 11);
    refused(await patch(url, 0, 'hello', { 'Upload-Checksum': 'sha0 Kq5sNclPz7QV2+lfQIuc6R7oRu0=' }), 400);
    assert.equal(await offsetOf(url), 0);
  });
  says('the header MUST be the algorithm, a space and Base64', async (server) => {
    const url = await made(server, 11);
    for (const wrong of ['sha1', 'sha1 ???', 'sha1 QUJD', '', 'Kq5sNclPz7QV2+lfQIuc6R7oRu0=']) {
      refused(await patch(url, 0, 'hello', { 'Upload-Checksum': wrong }), 400);
    }
    assert.equal(await offsetOf(url), 0);
  });
  says('checksum-trailer is announced only where trailers are handled', async (server) => {
    assert.ok(!(await extensions(server)).includes('checksum-trailer'));
  });
});

// ------------------------------------------------------------------------------------------------------ Termination

at('Termination', () => {
  says('MUST be in Tus-Extension', async (server) => assert.ok((await extensions(server)).includes('termination')));
  for (const [what, make] of Object.entries({ 'an unfinished': made, 'a completed': completed })) {
    says(`DELETE of ${what} upload MUST get 204, later requests SHOULD get 404 or 410`, async (server) => {
      const url = await make(server);
      refused(await tus(url, 'DELETE'), 204);
      refused(await head(url), 404, 410);
      refused(await patch(url, 0, 'abc'), 404, 410);
      refused(await tus(url, 'DELETE'), 404, 410);
    });
  }
});

// ---------------------------------------------------------------------------------------------------- Concatenation

at('Concatenation', () => {
  says('MUST be in Tus-Extension', async (server) => assert.ok((await extensions(server)).includes('concatenation')));
  says('the final length MUST be the sum of the parts', async (server) => {
    const url = await final(server, [await partial(server, 'hello'), await partial(server, ' world')]);
    assert.equal((await finished(url)).headers['upload-length'], '11');
  });
  says('a creation that says final MUST NOT have Upload-Length', async (server) => {
    const headers = { 'Upload-Concat': `final;${await partial(server, 'a')}`, 'Upload-Length': 1 };
    refused(await tus(server.url, 'POST', headers), 400);
  });
  says('unfinished parts are refused where concatenation-unfinished is not announced', async (server) => {
    assert.ok(!(await extensions(server)).includes('concatenation-unfinished'));
    const open = await made(server, 5, { 'Upload-Concat': 'partial' });
    const answer = await tus(server.url, 'POST', { 'Upload-Concat': `final;${open}` });
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });
  says('what is no part here is refused', async (server) => {
    for (const urls of [`${server.url}/none`, 'https://elsewhere.example/a', await completed(server), '']) {
      const answer = await tus(server.url, 'POST', { 'Upload-Concat': `final;${urls}` });
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} to ${urls}`);
    }
    refused(await tus(server.url, 'POST', { 'Upload-Length': 1, 'Upload-Concat': 'other' }), 400);
  });
  says('metadata of the parts SHALL NOT be transferred', async (server) => {
    const more = { 'Upload-Concat': 'partial', 'Upload-Metadata': `a ${base64('1')}` };
    const part = await completed(server, 'abc', more);
    assert.equal((await head(part)).headers['upload-metadata'], more['Upload-Metadata']);
    const own = `filename ${base64('whole.txt')}`;
    const url = await final(server, [part], { 'Upload-Metadata': own });
    assert.equal((await finished(url)).headers['upload-metadata'], own);
  });
  says('PATCH of a final upload MUST get 403 and change nothing', async (server) => {
    const url = await final(server, [await partial(server, 'hello')]);
    refused(await patch(url, 0, 'x'), 403);
    assert.equal((await finished(url)).headers['upload-length'], '5');
    refused(await patch(url, 5, 'x'), 403);
  });
  says('HEAD of a final upload: Upload-Offset and Upload-Length MUST be equal once it is done', async (server) => {
    const { headers } = await finished(await final(server, [await partial(server, 'hello')]));
    assert.deepEqual([headers['upload-offset'], headers['upload-length']], ['5', '5']);
  });
  says('HEAD of a part MUST have Upload-Offset', async (server) => {
    const url = await made(server, 5, { 'Upload-Concat': 'partial' });
    assert.equal(await offsetOf(url), 0);
    await patch(url, 0, 'abc');
    assert.equal(await offsetOf(url), 3);
  });
  says('HEAD of a final upload MUST have Upload-Length where it can be known', async (server) => {
    const url = await final(server, [await partial(server, 'hello')]);
    assert.equal((await head(url)).headers['upload-length'], '5');
  });
  says('HEAD of parts and finals MUST have Upload-Concat as it was received', async (server) => {
    const part = await partial(server, 'hello');
    assert.equal((await head(part)).headers['upload-concat'], 'partial');
    const url = await final(server, [new URL(part).pathname]);
    assert.equal((await head(url)).headers['upload-concat'], `final;${new URL(part).pathname}`);
  });
  says('the URLs may be absolute or relative', async (server) => {
    const [a, b] = [await partial(server, 'abc'), await partial(server, 'def')];
    const { headers } = await finished(await final(server, [a, new URL(b).pathname]));
    assert.equal(headers['upload-offset'], '6');
  });
});

export { cases };
