// HTML on standard input -> HTML that GitHub would let through, on standard output.
// GitHub's own allow-list is what rehype-sanitize ships as its default schema.
import process from 'node:process'
import rehypeParse from 'rehype-parse'
import rehypeSanitize, {defaultSchema} from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import {unified} from 'unified'

const chunks = []
for await (const chunk of process.stdin) chunks.push(chunk)

const file = await unified()
  .use(rehypeParse, {fragment: true})
  .use(rehypeSanitize, defaultSchema)
  .use(rehypeStringify)
  .process(Buffer.concat(chunks).toString('utf8'))

process.stdout.write(String(file))
