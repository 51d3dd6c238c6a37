#include "qml/client/apicall.h"

#include <QJSValue>
#include <QJsonArray>

namespace hubkeep::desktop {

void ApiCall::setHub(HubConnection *hub)
{
    if (hub == m_hub)
        return;
    m_hub = hub;
    clear(); // it was another hub's answer
    emit hubChanged();
}

void ApiCall::clear()
{
    ++m_question;
    m_busy = false;
    m_error.reset();
    m_result.clear();
    emit changed();
}

quint64 ApiCall::begin()
{
    m_busy = true;
    m_isPicture = false;
    m_error.reset();
    emit changed();
    return ++m_question;
}

void ApiCall::get(const QString &path)
{
    send("GET", path, {});
}

void ApiCall::getPicture(const QString &path)
{
    send("GET", path, {});
    m_isPicture = true;
}

void ApiCall::send(
    const QByteArray &method, const QString &path, const QVariant &body, const QString &etag)
{
    if (!m_hub)
        return;
    // What QML hands over is its own value, which JSON knows nothing of.
    const QVariant plain = body.metaType() == QMetaType::fromType<QJSValue>()
        ? body.value<QJSValue>().toVariant()
        : body;
    const QJsonValue json
        = plain.isValid() ? QJsonValue::fromVariant(plain) : QJsonValue(QJsonValue::Undefined);
    const quint64 question = begin();
    QHash<QByteArray, QByteArray> headers;
    if (!etag.isEmpty())
        headers.insert("If-Match", etag.toUtf8());
    m_hub->client().send(
        method, path, json, this,
        [this, question](const ApiAnswer &answer) { take(question, answer); }, headers);
}

void ApiCall::download(const QString &path, const QUrl &file, const QString &accept)
{
    if (!m_hub)
        return;
    const quint64 question = begin();
    m_progress = -1;
    emit progressChanged();
    m_hub->client().download(
        path, file.toLocalFile(), accept.toUtf8(), this,
        [this](qint64 so, qint64 all) {
            m_progress = all > 0 ? double(so) / double(all) : -1;
            emit progressChanged();
        },
        [this, question](const ApiAnswer &answer) { take(question, answer); });
}

void ApiCall::take(quint64 question, const ApiAnswer &answer)
{
    if (question != m_question)
        return;
    m_busy = false;
    m_error = answer.error;
    if (!m_error && m_isPicture) {
        m_result
            = QStringLiteral("data:image;base64,") + QString::fromLatin1(answer.bytes.toBase64());
    } else if (!m_error) {
        m_result = answer.body.isObject() || answer.body.isArray()
            ? answer.body.toVariant()
            : QVariant(QString::fromUtf8(answer.bytes));
    }
    emit changed();
    if (m_error)
        emit refused(m_error->message);
    else
        emit done(m_result);
}

} // namespace hubkeep::desktop
