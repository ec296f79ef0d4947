from fixtures_action import *
def test_x(act):
    r = act(job(use("run: env | sort > $RESULTS/env.txt; exit 3")))
    print(r.log); print(r.outputs(), r.exit_statuses()); print(r.text('env.txt'))
