// oidc-provider with one client, for the tests. Its arguments: the library, where people are sent back to, the claims
// of whoever signs in, and whether these come with the user info alone. It prints its issuer once it listens.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [library, redirectUri, claims, onlyInUserInfo] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(library));

const server = createServer((request, response) => answer(request, response));
let answer;
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = new Provider(issuer, {
    clients: [{ client_id: "duijie", client_secret: "secret", redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], profile: ["name"], organization: ["organization", "duijie_role"] },
    conformIdTokenClaims: onlyInUserInfo === "true",
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...JSON.parse(claims), sub: id }) }),
  }).callback();
  console.log(issuer);
});
