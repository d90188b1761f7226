//! Which arguments does a call pass, spreads taken apart?

use crate::program::{ArgKind, Call, Const};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::state::{Args, State};
use crate::flow::values::value::Value;

impl Machine<'_> {
    /// The arguments of a call, spreads taken apart.
    pub(crate) fn arguments(&mut self, state: &mut State, call: &Call) -> Args {
        let mut args = Args::default();
        for arg in &call.args {
            let value = state.get(arg.reg);
            match arg.kind {
                ArgKind::Positional => args.positional.push(value),
                ArgKind::Keyword(key) => args.keywords.push((key, value)),
                ArgKind::Pair(key) => args.pairs.push((state.get(key), value)),
                ArgKind::Spread => self.spread(state, &value, &mut args, arg.span),
                ArgKind::SpreadKeywords => self.spread_keywords(state, &value, &mut args),
            }
        }
        args
    }

    fn spread(&mut self, state: &State, value: &Value, args: &mut Args, span: Span) {
        let known: Vec<_> = value.objects().filter_map(|id| self.object(&state.carry.heap, id)).collect();
        if let [object] = known.as_slice()
            && object.exact
            && value.alts.len() == 1
            && !value.unknown
        {
            args.positional.extend(object.entries.values().cloned());
            return;
        }
        let element = self.element_of(&state.carry.heap, value, self.at(span));
        args.more = Some(args.more.take().map_or_else(|| element.clone(), |more| more.join(&element)));
    }

    fn spread_keywords(&mut self, state: &State, value: &Value, args: &mut Args) {
        for id in value.objects().collect::<Vec<_>>() {
            let Some(object) = self.object(&state.carry.heap, id) else { continue };
            for (key, value) in &object.entries {
                let Const::Str(key) = key else { continue };
                match args.keywords.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => *known = known.join(value),
                    None => args.keywords.push((*key, value.clone())),
                }
            }
            if let Some(rest) = &object.rest {
                args.more_keywords =
                    Some(args.more_keywords.take().map_or_else(|| rest.clone(), |more| more.join(rest)));
            }
        }
        if value.unknown {
            let carried = value.carried();
            args.more_keywords =
                Some(args.more_keywords.take().map_or_else(|| carried.clone(), |more| more.join(&carried)));
        }
    }
}
