//! Answers: which messages a method may send, by the type that it gives.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// The messages of one method's answers.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) replies: Vec<Type>,
    pub(crate) broadcasts: Vec<Type>,
}

impl Answers {
    /// By the names of what is around the messages; a name that hides one of these is taken for a message.
    pub(crate) fn of(output: &ReturnType) -> Self {
        let mut answers = Self::default();
        if let ReturnType::Type(_, ty) = output {
            answers.look(ty);
        }
        answers
    }

    fn look(&mut self, ty: &Type) {
        match ty {
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.look(element)),
            Type::Paren(inside) => self.look(&inside.elem),
            Type::Group(inside) => self.look(&inside.elem),
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else {
                    return;
                };
                let inside = first_argument(&last.arguments);
                match (last.ident.to_string().as_str(), inside) {
                    ("Result" | "Option", Some(inside)) => self.look(inside),
                    // Said by the compiler, which knows what the alias stands for.
                    ("Result" | "Option", None) => {}
                    ("Broadcast" | "BroadcastToOthers", Some(inside)) => {
                        add(&mut self.broadcasts, inside);
                    }
                    _ => add(&mut self.replies, ty),
                }
            }
            // No message: said by the trait that an answer must have.
            _ => {}
        }
    }
}

fn first_argument(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Adds a type that is not there yet.
pub(crate) fn add(types: &mut Vec<Type>, ty: &Type) {
    if !types.iter().any(|known| same(known, ty)) {
        types.push(ty.clone());
    }
}

/// Whether both are written alike.
pub(crate) fn same(one: &Type, other: &Type) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}
