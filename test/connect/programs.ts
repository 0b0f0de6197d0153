/** The recipes of docs/connect that need a program of their own. `npm run connect` installs and runs them. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Program {
  /** Commands that have to be on the machine. */
  tools: readonly string[];
  /** Whether the installation changes the machine. */
  root?: boolean;
  /** Shell lines before the `install` lines of the page. */
  before?: readonly string[];
  /** More that the test needs, beyond the page. */
  after?: readonly string[];
}

const npm: Program = { tools: ["npm"] };

/** By the name of the page. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  "oauth2-proxy": { tools: ["go"] },
  authlib: { tools: ["python3"], before: ["python3 -m venv venv"] },
  nextjs: npm,
  express: npm,
  mcp: npm,
  apache: { tools: ["apt-get"], root: true, before: ["apt-get update -qq"] },
  spring: { tools: ["java", "mvn"] },
  gitea: {
    tools: ["go"],
    after: [
      "mkdir bin source && cp $REPOSITORY/test/connect/gitea/main.go source",
      "cd source && go mod init gitea",
      "go get github.com/markbates/goth@v1.82.0",
      "go build -mod=mod -o ../bin/gitea .",
    ],
  },
  kubelogin: {
    tools: ["go"],
    after: [
      "mkdir bin source && cp $REPOSITORY/test/connect/kubernetes/main.go source",
      "cd source && go mod init kubernetes",
      "go get k8s.io/apiserver@v0.37.1 k8s.io/apimachinery@v0.37.1",
      "go get github.com/coreos/go-oidc/v3@v3.21.0 golang.org/x/oauth2@v0.38.0",
      "go build -mod=mod -o ../bin/kubernetes .",
    ],
  },
};

/** Installed programs are kept here between runs. */
export const cacheOf = (name: string): string => join(tmpdir(), "valetkey-connect", name);
