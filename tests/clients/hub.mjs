// A hub of the real program, in a folder of its own, for the clients to talk to.
//
//     const hub = await Hub.create();
//     … hub.url, hub.token …
//     await hub.stop();
//     await hub.start();        // on the same port
//     await hub.remove();

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const program = process.env.HUBKEEP;
if (!program) throw new Error('HUBKEEP has to name the program');

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Fails loudly: the promise of what is expected, or an error after so many seconds.
export function within(seconds, what, promise) {
    let timer;
    const late = new Promise((_, fail) => {
        timer = setTimeout(() => fail(new Error(`${what} did not happen in ${seconds} s`)),
            seconds * 1000);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function until(seconds, what, isSo) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(20)) {
        const found = await isSo();
        if (found) return found;
    }
    throw new Error(`${what} did not happen in ${seconds} s`);
}

export class Hub {
    static async create() {
        const hub = new Hub();
        hub.folder = await mkdtemp(join(tmpdir(), 'hubkeep-clients-'));
        hub.data = join(hub.folder, 'data');
        hub.port = 0;
        const documents = join(hub.folder, 'documents');
        await mkdir(documents);
        await writeFile(join(documents, 'letter.txt'), 'Dear reader,\n'.repeat(1000));
        await mkdir(join(hub.data, 'config'), { recursive: true });
        await writeFile(join(hub.data, 'config', 'hubkeep.yaml'), [
            'backup:',
            '  sources:',
            '    - name: documents',
            '      type: files',
            `      path: ${documents}`,
            ''].join('\n'));
        try {
            await hub.start();
        } catch (error) {
            await hub.remove();
            throw error;
        }
        const { stdout } = await promisify(execFile)(program,
            ['token', 'create', '--data', hub.data, '--user', 'admin', '--name', 'client']);
        hub.token = stdout.trim();
        return hub;
    }

    async start() {
        this.log = '';
        this.process = spawn(program, ['serve', '--data', this.data, '--port', String(this.port)]);
        let failure = null;
        this.process.once('error', (error) => { failure = error; }); // it could not be started
        this.ended = new Promise((done) => this.process.once('close', done));
        for (const stream of [this.process.stdout, this.process.stderr])
            stream.on('data', (text) => { this.log += text; });
        const ready = await until(30, 'HubKeep is ready', () => {
            if (failure) throw failure;
            if (this.process.exitCode !== null)
                throw new Error(`hubkeep serve ended with ${this.process.exitCode}:\n${this.log}`);
            return /HubKeep is ready on (http:\/\/\S+:(\d+))/.exec(this.log);
        });
        this.url = ready[1];
        this.port = Number(ready[2]);
    }

    async stop() {
        this.process.kill('SIGTERM');
        await within(30, 'The end of the hub', this.ended);
    }

    async state(entity) {
        const answer = await fetch(`${this.url}/api/states/${entity}`,
            { headers: { Authorization: `Bearer ${this.token}` } });
        return answer.ok ? answer.json() : null;
    }

    async backups() {
        const answer = await fetch(`${this.url}/api/v1/backup`,
            { headers: { Authorization: `Bearer ${this.token}` } });
        return (await answer.json()).backups;
    }

    async remove() {
        if (this.process?.pid && this.process.exitCode === null && !this.process.signalCode)
            await this.stop();
        await rm(this.folder, { recursive: true, force: true });
    }
}

// Runs a test against a hub; the exit status says how it went.
export async function testWithHub(test) {
    let hub;
    let status = 0;
    try {
        hub = await Hub.create();
        await within(240, 'The end of the test', test(hub));
        console.log('All of it worked.');
    } catch (error) {
        console.error(error);
        if (hub) console.error(`The hub said:\n${hub.log}`);
        status = 1;
    }
    await hub?.remove().catch((error) => { console.error(error); status = 1; });
    process.exit(status);
}
