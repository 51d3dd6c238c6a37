// How long until every one of 1,000 WebSocket subscribers has seen a state change: from before
// the request that changes it to the last client's message, all clients in this one process.
//
//     tests/support/install_packages.sh tests/clients FOLDER tests/bench/websocket.mjs
//     HUBKEEP=build/release/bin/hubkeep node FOLDER/websocket.mjs [SUBSCRIBERS [CHANGES]]

import { WebSocket } from 'ws';
import { sleep, testWithHub, until } from './hub.mjs';

const subscribers = Number(process.argv[2] ?? 1000);
const changes = Number(process.argv[3] ?? 50);

// Resolves once it follows the states; told() is called for every change after that.
function subscribe(hub, told) {
    return new Promise((done, fail) => {
        const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/api/websocket`,
            { perMessageDeflate: false });
        let follows = false;
        socket.on('error', fail);
        socket.on('message', (data) => {
            if (follows) return told();
            const { type } = JSON.parse(data);
            if (type === 'auth_required')
                socket.send(JSON.stringify({ type: 'auth', access_token: hub.token }));
            else if (type === 'auth_ok')
                socket.send(JSON.stringify({ id: 1, type: 'subscribe_entities',
                    entity_ids: ['sensor.bench'] }));
            else if (type === 'event') {
                follows = true;
                done(socket);
            }
        });
    });
}

await testWithHub(async (hub) => {
    let left = 0;
    let allTold = () => {};
    const told = () => { if (--left === 0) allTold(performance.now()); };
    const sockets = [];
    const began = performance.now();
    while (sockets.length < subscribers) {
        const some = Math.min(50, subscribers - sockets.length);
        sockets.push(...await Promise.all(Array.from({ length: some }, () => subscribe(hub, told))));
    }
    console.log(`${subscribers} subscribers in ${Math.round(performance.now() - began)} ms`);

    const times = [];
    for (let i = 0; i < changes; ++i) {
        left = subscribers;
        const last = new Promise((done) => { allTold = done; });
        const start = performance.now();
        const answer = await fetch(`${hub.url}/api/states/sensor.bench`, {
            method: 'POST',
            headers: { Authorization: `Bearer ${hub.token}` },
            body: JSON.stringify({ state: String(i), attributes: { unit_of_measurement: 'B' } }),
        });
        if (!answer.ok) throw new Error(`the state was not set: ${answer.status}`);
        times.push(await last - start);
        await sleep(20);
    }
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
    console.log(`ms until the last of ${subscribers} saw it: median ${at(0.5).toFixed(1)}, `
        + `p99 ${at(0.99).toFixed(1)}, most ${times.at(-1).toFixed(1)} (${changes} changes)`);
    for (const socket of sockets) socket.terminate();
    await until(10, 'Closing', () => sockets.every((socket) => socket.readyState === 3));
    if (at(0.5) > 100) throw new Error('that is more than 100 ms');
});
