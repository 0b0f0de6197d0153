/** Statements for the security events and jobs in the transaction of a change. */
import type { AuditRecord } from "../audit.ts";
import { placeOf } from "../place.ts";
import type { JobRecord } from "../records.ts";
import type { Alongside } from "../store.ts";
import type { Statement } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const EVENT_COLUMNS = {
  audit_id: "text",
  at: "integer",
  event: "text",
  actor: "text",
  actor_id: "text",
  via: "text",
  sub: "text",
  client_id: "text",
  event_id: "text",
  address: "text",
  before: "json",
  after: "json",
  details: "json",
  expires_at: "integer",
} as const;

/** Events about one person's sessions, consents and grants are stored at the person's place. */
export const PERSON_EVENT = sqlRecord<AuditRecord>({
  table: "person_event",
  key: ["audit_id", "place"],
  columns: EVENT_COLUMNS,
  computed: { place: ({ sub, audit_id }) => placeOf(sub ?? audit_id) },
});

/** Events about clients, accounts and keys are stored with the directory. */
export const DIRECTORY_EVENT = sqlRecord<AuditRecord>({
  table: "directory_event",
  key: ["audit_id"],
  columns: EVENT_COLUMNS,
});

const JOB_COLUMNS = {
  job_id: "text",
  kind: "text",
  payload: "text",
  due_at: "integer",
  leased_until: "integer",
  lease_no: "integer",
  attempts: "integer",
  error: "text",
  expires_at: "integer",
} as const;

export type PersonJob = JobRecord & { place: number };
export type DirectoryJob = Omit<JobRecord, "place">;

/** A job is stored beside the change that adds it, so that one transaction on one node writes both. */
export const PERSON_JOB = sqlRecord<PersonJob>({
  table: "person_job",
  key: ["job_id", "place"],
  columns: { ...JOB_COLUMNS, place: "integer" },
});

export const DIRECTORY_JOB = sqlRecord<DirectoryJob>({
  table: "directory_job",
  key: ["job_id"],
  columns: JOB_COLUMNS,
});

const insertPersonJob = (job: JobRecord): Statement =>
  PERSON_JOB.insert(
    { ...job, place: job.place ?? placeOf(job.job_id) },
    " ON CONFLICT (job_id, place) DO NOTHING",
  );

const insertDirectoryJob = (job: JobRecord): Statement =>
  DIRECTORY_JOB.insert(job, " ON CONFLICT (job_id) DO NOTHING");

export const insertJob = (job: JobRecord): Statement =>
  job.place === null ? insertDirectoryJob(job) : insertPersonJob(job);

/** Statements for a change at a person's place. */
export const withPerson = ({ events = [], jobs = [] }: Alongside = {}): Statement[] => [
  ...events.map((event) => PERSON_EVENT.insert(event)),
  ...jobs.map(insertPersonJob),
];

/** Statements for a change to the directory. */
export const withDirectory = ({ events = [], jobs = [] }: Alongside = {}): Statement[] => [
  ...events.map((event) => DIRECTORY_EVENT.insert(event)),
  ...jobs.map(insertDirectoryJob),
];
