import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';
import { expect, it } from 'vitest';
import described from '../../../src/Sluice.Server/Hosting/openapi.json';
import kept from './api.gen.ts?raw';

it('has the types of the API as the server describes it; after a change, `npm run api` writes them anew', async () => {
  const types = await openapiTS(described as unknown as OpenAPI3);
  expect(kept === COMMENT_HEADER + astToString(types)).toBe(true);
});
