// Node-RED with the nodes for Home Assistant: a server node, one that waits for automatic
// backups, one that starts a backup.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { testWithHub, until, within } from './hub.mjs';

const require = createRequire(import.meta.url);
const RED = require('node-red');

// What the flow's function nodes tell this program.
const told = new EventEmitter();

const flow = () => [
    { id: 'tab', type: 'tab', label: 'Backups' },
    { id: 'hubkeep', type: 'server', name: 'HubKeep', version: 6, addon: false,
        rejectUnauthorizedCerts: true, ha_boolean: ['y', 'yes', 'true', 'on'],
        connectionDelay: false, cacheJson: false, heartbeat: true, heartbeatInterval: 10,
        areaSelector: 'friendlyName', deviceSelector: 'friendlyName',
        entitySelector: 'friendlyName', statusSeparator: '', enableGlobalContextStore: true },
    { id: 'automatic', z: 'tab', type: 'server-state-changed', name: 'An automatic backup',
        server: 'hubkeep', version: 6, outputs: 1, exposeAsEntityConfig: '',
        entities: { entity: ['event.backup_automatic_backup'], substring: [], regex: [] },
        outputInitially: false, stateType: 'str', ifState: '', ifStateType: 'str',
        ifStateOperator: 'is', outputOnlyOnStateChange: false, for: '0', forType: 'num',
        forUnits: 'minutes', ignorePrevStateNull: false, ignorePrevStateUnknown: false,
        ignorePrevStateUnavailable: false, ignoreCurrentStateUnknown: false,
        ignoreCurrentStateUnavailable: false,
        outputProperties: [
            { property: 'payload', propertyType: 'msg', value: '', valueType: 'entityState' },
            { property: 'data', propertyType: 'msg', value: '', valueType: 'eventData' }],
        wires: [['tell-automatic']] },
    { id: 'tell-automatic', z: 'tab', type: 'function', outputs: 0, libs: [],
        func: 'global.get("told").emit("automatic", msg);', wires: [] },
    { id: 'go', z: 'tab', type: 'inject', props: [{ p: 'payload' }], payload: '',
        payloadType: 'date', once: false, wires: [['action']] },
    { id: 'action', z: 'tab', type: 'api-call-service', name: 'Back up', server: 'hubkeep',
        version: 7, debugenabled: false, action: 'backup.create_automatic', areaId: [],
        deviceId: [], entityId: [], floorId: [], labelId: [], data: '', dataType: 'jsonata',
        mergeContext: '', mustacheAltTags: false, outputProperties: [], queue: 'none',
        blockInputOverrides: true, domain: 'backup', service: 'create_automatic',
        wires: [['tell-done']] },
    { id: 'tell-done', z: 'tab', type: 'function', outputs: 0, libs: [],
        func: 'global.get("told").emit("done", msg);', wires: [] },
];

async function startNodeRed(hub) {
    const folder = join(hub.folder, 'node-red');
    await mkdir(folder);
    await writeFile(join(folder, 'flows.json'), JSON.stringify(flow()));
    await writeFile(join(folder, 'flows_cred.json'),
        JSON.stringify({ hubkeep: { host: hub.url, access_token: hub.token } }));
    const server = createServer();
    RED.init(server, {
        userDir: folder,
        flowFile: 'flows.json',
        httpAdminRoot: false,
        httpNodeRoot: false,
        credentialSecret: false,
        functionGlobalContext: { told },
        logging: { console: { level: 'warn', metrics: false, audit: false } },
        telemetry: { enabled: false },
        diagnostics: { enabled: false },
        runtimeState: { enabled: false },
    });
    await RED.start();
}

await testWithHub(async (hub) => {
    await within(60, 'The start of Node-RED', startNodeRed(hub));

    // The nodes keep what they know of the server in the global context.
    const context = () => RED.nodes.getNode('hubkeep')?.context()?.global?.get('homeassistant');
    const known = await until(30, 'Seeing the entities', () => {
        const found = context()?.hubKeep;
        return found?.isConnected && found.states?.['event.backup_automatic_backup'] && found;
    });
    assert.equal(known.states['sensor.backup_backup_manager_state'].state, 'idle');
    assert.ok(known.services.backup.create_automatic);

    const kinds = [];
    told.on('automatic', (message) => { kinds.push(message.data.new_state.attributes.event_type); });
    const done = new Promise((finish) => { told.once('done', finish); });
    RED.nodes.getNode('go').receive();
    await within(60, 'The end of the backup that the action node started', done);
    await until(10, 'The completed event', () => kinds.includes('completed'));
    assert.equal(kinds[0], 'in_progress');
    assert.equal(kinds.at(-1), 'completed');
    const [backup] = await hub.backups();
    assert.equal(backup.automatic, true);
    await RED.stop();
});
