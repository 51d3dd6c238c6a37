// node s3.cjs FOLDER PORT: s3rver with a bucket named "bucket".
//
// s3rver answers before what it was sent is on its disk, so that who asks next may not find it.
// Here it waits for its files to be closed.
'use strict';

const fs = require('fs-extra');
const { once } = require('events');

const closed = new Map();
const createWriteStream = fs.createWriteStream;
fs.createWriteStream = (path, ...rest) => {
    const stream = createWriteStream(path, ...rest);
    closed.set(path, once(stream, 'close'));
    return stream;
};

const Store = require('s3rver/lib/stores/filesystem');
const putObject = Store.prototype.putObject;
Store.prototype.putObject = async function (object) {
    const result = await putObject.call(this, object);
    const path = this.getResourcePath(object.bucket, object.key, 'object');
    await closed.get(path);
    closed.delete(path);
    return result;
};

const S3rver = require('s3rver');
new S3rver({
    address: '127.0.0.1',
    port: Number(process.argv[3]),
    directory: process.argv[2],
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: 'bucket' }],
}).run().then(({ address, port }) => console.log(`listening on ${address}:${port}`));
