/** Notebook's own people, in Notebook's own table. Valetkey looks them up, and stores nothing about them. */
import { randomBytes, randomUUID, scrypt, timingSafeEqual } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { Person, Users } from "valetkey";

export type People = Users &
  Required<Pick<Users, "create">> & {
    remove(sub: string): void;
  };

export function peopleOf(db: DatabaseSync): People {
  db.exec(`CREATE TABLE IF NOT EXISTS person (
    id TEXT PRIMARY KEY, login TEXT UNIQUE, name TEXT, password TEXT, blocked INTEGER DEFAULT 0)`);
  const byId = db.prepare("SELECT * FROM person WHERE id = ?");
  const byLogin = db.prepare("SELECT * FROM person WHERE login = ?");
  const insert = db.prepare(
    "INSERT OR IGNORE INTO person (id, login, name, password) VALUES (?, ?, ?, ?)",
  );

  return {
    find: async (sub) => toPerson(byId.get(sub)),
    findByLogin: async (login) => toPerson(byLogin.get(login.toLowerCase())),

    // It takes the same time without a person, so that it does not reveal whether an account exists.
    async verifyPassword(person, password) {
      const kept = person && byId.get(person.sub)?.password;
      return fits(password, kept ? String(kept) : await nobody);
    },

    remove(sub) {
      db.prepare("DELETE FROM person WHERE id = ?").run(sub);
    },

    // Without this function, the pages offer no sign-up.
    async create({ username, name, password }) {
      const [id, login] = [randomUUID(), username.toLowerCase()];
      const { changes } = insert.run(id, login, name ?? username, await hash(password));
      return toPerson(changes === 1 ? byId.get(id) : undefined) ?? "taken";
    },
  };
}

function toPerson(row: Record<string, unknown> | undefined): Person | null {
  if (!row) return null;
  return {
    sub: String(row.id),
    username: String(row.login),
    claims: { name: row.name, preferred_username: row.login },
    is_admin: false,
    disabled: row.blocked === 1,
  };
}

const derive = promisify<string, Buffer, number, Buffer>(scrypt);

async function hash(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  return `${salt.toString("hex")} ${(await derive(password, salt, 32)).toString("hex")}`;
}

async function fits(password: string, kept: string): Promise<boolean> {
  const salt = Buffer.from(kept.slice(0, 32), "hex");
  return timingSafeEqual(Buffer.from(await hash(password, salt)), Buffer.from(kept));
}

const nobody = hash(randomBytes(32).toString("hex"));
