import { request } from './api';

interface Operator {
  /** This page has the operator's rights. */
  isOperator: boolean;
  /** When the session of this browser ends; null when it has none, as on a server that asks for no key. */
  sessionEndsAt: string | null;
}

/**
 * The person who runs the server, in this browser. The key is sent once and kept nowhere: a cookie that no script can read stands for it.
 */
class OperatorHere {
  /** There is a session to log out of. */
  loggedIn = $state(false);

  #asked: Promise<void> | null = null;

  /** Finds out whether there is a session; once. */
  look(): Promise<void> {
    this.#asked ??= request('GET', '/api/v1/operator').then(
      async (response) => this.#take((await response.json()) as Operator),
      () => {
        this.#asked = null;
      },
    );
    return this.#asked;
  }

  /** Whether this browser has the operator's rights now. Where the server does not say, asking it for anything will. */
  async mayAll(): Promise<boolean> {
    try {
      const found = (await (await request('GET', '/api/v1/operator')).json()) as Operator;
      this.#take(found);
      return found.isOperator;
    } catch {
      return true;
    }
  }

  /** Rejects with ApiError: the sentence is the server's. */
  async logIn(key: string): Promise<void> {
    const response = await request('POST', '/api/v1/operator/session', { body: { key } });
    this.#take((await response.json()) as Operator);
  }

  async logOut(): Promise<void> {
    await request('DELETE', '/api/v1/operator/session');
    this.loggedIn = false;
  }

  #take({ sessionEndsAt }: Operator): void {
    this.loggedIn = sessionEndsAt !== null;
  }
}

export const operator = new OperatorHere();
