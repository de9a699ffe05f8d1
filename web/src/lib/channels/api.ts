import { request } from '../api';
import type { Channel, TestReport } from './channel';
import type { ChannelChanges, ChannelDefinition, TestQuestion } from './draft';
import type { ChannelStatus, Recording } from './status';

const root = '/api/v1/channels';

const pathOf = (name: string): string => `${root}/${encodeURIComponent(name)}`;

/** All of them, by name. What is wrong with the configuration file, if the server had to keep to an older one. */
export interface ChannelList {
  items: Channel[];
  configurationProblem?: string | null;
}

export async function listChannels(): Promise<ChannelList> {
  return (await request('GET', root)).json() as Promise<ChannelList>;
}

export async function getChannel(name: string): Promise<Channel> {
  return (await request('GET', pathOf(name))).json() as Promise<Channel>;
}

/** Adds a channel, or replaces it. */
export async function putChannel(name: string, definition: ChannelDefinition): Promise<Channel> {
  return (await request('PUT', pathOf(name), { body: definition })).json() as Promise<Channel>;
}

/** Changes what is named, and keeps the rest, secrets included. */
export async function patchChannel(name: string, changes: ChannelChanges): Promise<Channel> {
  return (await request('PATCH', pathOf(name), { body: changes })).json() as Promise<Channel>;
}

export async function deleteChannel(name: string): Promise<void> {
  await request('DELETE', pathOf(name));
}

/** Opens an address as a channel would. What is wrong with it is part of the report. */
export async function testChannel(question: TestQuestion): Promise<TestReport> {
  return (await request('POST', `${root}/test`, { body: question })).json() as Promise<TestReport>;
}

export async function channelStatus(name: string): Promise<ChannelStatus> {
  return (await request('GET', `${pathOf(name)}/status`)).json() as Promise<ChannelStatus>;
}

export async function startRecording(name: string): Promise<Recording> {
  return (await request('POST', `${pathOf(name)}/record`, { body: {} })).json() as Promise<Recording>;
}

/** Ends a recording, which becomes a title in a moment. */
export async function stopRecording(name: string): Promise<void> {
  await request('DELETE', `${pathOf(name)}/record`);
}
