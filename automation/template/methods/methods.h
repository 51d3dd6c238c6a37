// The methods and attributes that Python's own types have: 'a,b'.split(','), now().year.
//
// What changes a value (append, update, pop) does not exist: values never change. The declared ones
// live for ever; any thread.

#pragma once

#include "automation/template/builtins.h"

namespace hubkeep::templates {

// nullptr: there is none. The first parameter is the value itself.
const TemplateFunction *methodOf(TemplateValue::Kind kind, const QString &name);

// What is there without a call: number.real, time.hour. Undefined: there is none.
TemplateValue memberOf(const TemplateValue &value, const QString &name);

// Whether the name is one of Python's methods that change the value.
bool wouldChange(TemplateValue::Kind kind, const QString &name);

// A method with the value that it is of.
TemplateValue boundMethod(const TemplateValue &value, const TemplateFunction &method);

// What each file declares.
std::span<const TemplateBuiltin> textMethods();
std::span<const TemplateBuiltin> textSearchMethods();
std::span<const TemplateBuiltin> textCaseMethods();
std::span<const TemplateBuiltin> listMethods();
std::span<const TemplateBuiltin> setMethods();
std::span<const TemplateBuiltin> dictMethods();
std::span<const TemplateBuiltin> integerMethods();
std::span<const TemplateBuiltin> floatMethods();
std::span<const TemplateBuiltin> dateTimeMethods();
std::span<const TemplateBuiltin> dateMethods();
std::span<const TemplateBuiltin> timeMethods();
std::span<const TemplateBuiltin> durationMethods();

} // namespace hubkeep::templates
