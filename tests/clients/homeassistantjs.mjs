// home-assistant-js-websocket, what Home Assistant's own window is built on.

import assert from 'node:assert/strict';
import {
    Connection, ERR_INVALID_AUTH, callService, createConnection, createLongLivedTokenAuth,
    getConfig, getServices, getStates, getUser, subscribeEntities, subscribeServices,
} from 'home-assistant-js-websocket';
import { WebSocket } from 'ws';
import { testWithHub, until, within } from './hub.mjs';

globalThis.WebSocket = WebSocket; // Node.js has had its own only since 22

const managerState = 'sensor.backup_backup_manager_state';

async function refusesAWrongToken(hub) {
    const failure = await createConnection({ auth: createLongLivedTokenAuth(hub.url, 'wrong') })
        .then(() => null, (error) => error);
    assert.equal(failure, ERR_INVALID_AUTH);
}

async function asksForEverything(connection) {
    assert.ok(connection instanceof Connection);
    assert.equal(connection.haVersion, '2026.7.0');
    const states = await getStates(connection);
    const manager = states.find((state) => state.entity_id === managerState);
    assert.equal(manager.state, 'idle');
    assert.deepEqual(manager.attributes.options,
        ['idle', 'create_backup', 'blocked', 'receive_backup', 'restore_backup']);
    const config = await getConfig(connection);
    assert.equal(config.state, 'RUNNING');
    assert.ok(config.components.includes('backup'));
    const user = await getUser(connection);
    assert.equal(user.name, 'admin');
    assert.equal(user.is_admin, true);
    const services = await getServices(connection);
    assert.ok(services.backup.create && services.backup.create_automatic);
    await connection.ping();
}

await testWithHub(async (hub) => {
    await refusesAWrongToken(hub);
    const connection = await createConnection(
        { auth: createLongLivedTokenAuth(hub.url, hub.token), setupRetry: 0 });
    await asksForEverything(connection);

    let services = null;
    subscribeServices(connection, (all) => { services = all; });
    await until(10, 'The list of services', () => services?.backup?.create);

    const seen = [];
    let entities = {};
    subscribeEntities(connection, (all) => {
        entities = all;
        const state = all[managerState]?.state;
        if (state !== seen.at(-1)) seen.push(state);
    });
    await until(10, 'The first entities', () => seen.at(-1) === 'idle');

    // The action ends when the backup is there; the states were told on the way.
    await within(60, 'The end of backup.create', callService(connection, 'backup', 'create'));
    await until(10, 'The manager resting again', () => seen.at(-1) === 'idle');
    assert.deepEqual(seen, ['idle', 'create_backup', 'idle']);
    assert.equal((await hub.backups()).length, 1);
    assert.equal(entities['sensor.backup_count'].state, '1');

    const failure = await callService(connection, 'backup', 'create', { nonsense: 1 })
        .then(() => null, (error) => error);
    assert.equal(failure.code, 'invalid_format');
    assert.match(failure.message, /nonsense/);

    // The client's own reconnection, with its subscriptions.
    const lost = new Promise((done) => { connection.addEventListener('disconnected', done); });
    const back = new Promise((done) => { connection.addEventListener('ready', done); });
    await hub.stop();
    await within(10, 'Losing the connection', lost);
    await hub.start();
    await within(30, 'The reconnection', back);
    seen.length = 0;
    await within(60, 'A backup after it', callService(connection, 'backup', 'create'));
    await until(10, 'The manager resting again', () => seen.at(-1) === 'idle');
    assert.ok(seen.includes('create_backup'), `states after the reconnection: ${seen}`);
    assert.equal((await hub.backups()).length, 2);
    connection.close();
});
