"""The pages over a folder of replicas, for people who are not at the site: each sees what they may, and acts by a key.

The boxes are elsewhere: what is entered here is signed, goes through the ingest worker and the broker, and is judged
there. docs/decisions/0096-what-a-supplier-sees.md, docs/decisions/0097-a-served-page-signs-for-its-user.md.
"""
